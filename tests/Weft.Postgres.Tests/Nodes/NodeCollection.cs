namespace Weft.Postgres.Tests.Nodes;

/// <summary>Processes that measure time, so nothing else of this program runs beside them.</summary>
[CollectionDefinition("nodes", DisableParallelization = true)]
public sealed class NodeCollection;
