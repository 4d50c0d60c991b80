// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Security;

namespace Sealock.Api.Definitions;

/// <summary>One mutation on its way through the rules of a definition.</summary>
public sealed class ObjectOperation
{
    /// <summary>The resource.</summary>
    public required ResourceDefinition Definition { get; init; }

    /// <summary>The subresource addressed, or null.</summary>
    public Subresource? Subresource { get; init; }

    /// <summary>What happens in the end: <c>create</c>, <c>update</c> (also for a patch) or <c>delete</c>.</summary>
    public required string Verb { get; init; }

    /// <summary>Who asks.</summary>
    public required UserInfo User { get; init; }

    /// <summary>Namespace, empty for cluster-scoped resources.</summary>
    public required string Namespace { get; init; }

    /// <summary>Object name.</summary>
    public required string Name { get; init; }

    /// <summary>The object as it is to be stored (for a deletion: as it stands). Rules may change it in place.</summary>
    public required JsonObject Object { get; init; }

    /// <summary>The stored object before; null on creation. Must not be changed.</summary>
    public JsonObject? Old { get; init; }

    /// <summary>For a deletion: the seconds that the client gives the object to end; null where it says nothing.</summary>
    public long? GracePeriodSeconds { get; init; }

    /// <summary>Whether nothing will be stored in the end.</summary>
    public bool DryRun { get; init; }

    /// <summary>The time of the request.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>May be asked about further rights of <see cref="User"/>.</summary>
    public required IAuthorizer Authorizer { get; init; }

    /// <summary>Reads other objects, from memory.</summary>
    public required IObjectReader Objects { get; init; }

    /// <summary>Sent to the client as <c>Warning</c> headers.</summary>
    public List<string> Warnings { get; } = [];
}

/// <summary>Reads stored objects from memory as of now.</summary>
public interface IObjectReader
{
    /// <summary>An object as a fresh copy, with kind, apiVersion and resourceVersion; null where there is none.</summary>
    JsonObject? Find(string group, string plural, string @namespace, string name);
}
