// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Bootstrap;

/// <summary>An object that every server has.</summary>
public sealed class BootstrapObject
{
    internal BootstrapObject(string group, string plural, JsonObject @object)
    {
        Group = group;
        Plural = plural;
        Object = @object;
        var metadata = @object["metadata"] as JsonObject;
        Namespace = JsonFields.Text(metadata, "namespace");
        Name = JsonFields.Text(metadata, "name");
    }

    /// <summary>API group; empty for the core group. The version is <c>v1</c>.</summary>
    public string Group { get; }

    /// <summary>Plural resource name.</summary>
    public string Plural { get; }

    /// <summary>Namespace; empty for cluster-scoped objects.</summary>
    public string Namespace { get; }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>The object as it is to be; must not be changed.</summary>
    public JsonObject Object { get; }

    /// <summary>Path of the collection in the API.</summary>
    public string CollectionPath
    {
        get
        {
            var root = Group.Length == 0 ? "/api/v1" : $"/apis/{Group}/v1";
            return Namespace.Length == 0 ? $"{root}/{Plural}" : $"{root}/namespaces/{Namespace}/{Plural}";
        }
    }

    /// <summary>Path of the object in the API.</summary>
    public string Path => $"{CollectionPath}/{Uri.EscapeDataString(Name)}";
}
