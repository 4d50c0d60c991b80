// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Api.Definitions;

/// <summary>
/// Keeps something of its own in step with the objects of some resources, such as rules compiled from them. Called by
/// one thread at a time, in the order of changes, before a write is acknowledged to whoever made it: the next request
/// finds it in force. It must be quick and must not throw.
/// </summary>
public interface IObjectFollower
{
    /// <summary>Takes in a complete state: at the start, and when the feed had to begin anew.</summary>
    void Reset(ResourceDefinition definition, IEnumerable<JsonObject> objects);

    /// <summary>An object was created or changed.</summary>
    void Put(ResourceDefinition definition, JsonObject @object);

    /// <summary>An object was deleted.</summary>
    void Remove(ResourceDefinition definition, string @namespace, string name);
}
