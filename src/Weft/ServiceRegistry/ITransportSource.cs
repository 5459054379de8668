namespace Weft.ServiceRegistry;

/// <summary>Gives services another transport than the network.</summary>
internal interface ITransportSource
{
    /// <summary>What answers in place of a service.</summary>
    HttpMessageHandler Of(string service);
}
