using Weft.Server;
using Weft.Server.Commands;

return await CommandLine.RunAsync(args, Terminal.OfProcess());
