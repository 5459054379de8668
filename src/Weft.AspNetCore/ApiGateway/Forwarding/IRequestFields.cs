using System.Diagnostics;
using Microsoft.Extensions.Primitives;

namespace Weft.AspNetCore.ApiGateway.Forwarding;

/// <summary>Takes the fields of an upstream request, one by one, in whatever form that has.</summary>
internal interface IRequestFields
{
    /// <summary>Adds a field.</summary>
    void Add(string name, string value);

    /// <summary>Adds a field that came in several lines.</summary>
    void Add(string name, in StringValues values, string separator);

    /// <summary>Adds the trace of an activity (W3C Trace Context).</summary>
    void AddTrace(string name, Activity activity);
}
