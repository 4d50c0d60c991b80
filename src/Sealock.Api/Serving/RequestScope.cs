// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>A request that has found its resource.</summary>
internal readonly record struct RequestScope(ApiRequest Request, ServedResource Resource, Subresource? Subresource)
{
    /// <summary>The definition.</summary>
    public ResourceDefinition Definition => Resource.Definition;

    /// <summary>The namespace in the path; empty for cluster-scoped resources.</summary>
    public string Namespace => Resource.Namespaced ? Request.Info.Namespace : "";

    /// <summary>The name in the path.</summary>
    public string Name => Request.Info.Name;

    /// <summary>Kind of the bodies that are exchanged.</summary>
    public string Kind => Subresource?.Kind ?? Definition.Kind;

    /// <summary>API version of the bodies that are exchanged.</summary>
    public string ApiVersion => Subresource?.Kind is null
        ? Definition.ApiVersion
        : (Subresource.Group ?? Definition.Group) is { Length: > 0 } group
            ? $"{group}/{Subresource.Version ?? Definition.Version}"
            : Subresource.Version ?? Definition.Version;

    /// <summary>Name of the schema of the bodies that are exchanged.</summary>
    public string SchemaName => Subresource?.SchemaName ?? Definition.SchemaName;

    /// <summary>The 404 answer for the named object.</summary>
    public ApiException NotFound() => ApiException.NotFound(Definition.Group, Definition.Plural, Name);
}
