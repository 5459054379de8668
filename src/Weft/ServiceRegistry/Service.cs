using Weft.Options;

namespace Weft.ServiceRegistry;

/// <summary>A service that Weft calls: its instances and the transport that reaches them. Safe for use from many threads.</summary>
internal sealed class Service
{
    private readonly Instance[] _instances;
    private uint _next;

    public Service(string name, ServiceOptions options, OptionsMap<string> vars, TimeProvider time)
    {
        Name = name;
        Options = options;
        bool stubbed = options.Stub.Count > 0;
        _instances = stubbed ? [new Instance("stub", new Uri("http://stub.invalid"))] : [.. options.Endpoints.Select(Open)];
        Transport = new HttpMessageInvoker(stubbed ? new StubHandler(name, options.Stub, vars, time) : ServiceTransport.Create());
    }

    /// <summary>The name under <c>services</c>.</summary>
    public string Name { get; }

    /// <summary>What it was made from.</summary>
    public ServiceOptions Options { get; }

    /// <summary>All instances in the order of the file.</summary>
    public IReadOnlyList<Instance> Instances => _instances;

    /// <summary>
    /// Sends requests to any instance. Never disposed: after a reload calls may still run on it, and what is idle closes by itself.
    /// </summary>
    public HttpMessageInvoker Transport { get; }

    /// <summary>The next instance in turn; null when there is none.</summary>
    public Instance? Next() => _instances.Length switch
    {
        0 => null,
        1 => _instances[0],
        _ => _instances[Interlocked.Increment(ref _next) % (uint)_instances.Length],
    };

    private static Instance Open(EndpointOptions endpoint)
    {
        var address = new Uri(endpoint.Url);
        return new Instance(address.Authority, address);
    }
}
