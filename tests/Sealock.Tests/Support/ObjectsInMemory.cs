// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;

namespace Sealock.Tests.Support;

/// <summary>Objects by resource, namespace and name, for rules that read others.</summary>
internal sealed class ObjectsInMemory : IObjectReader
{
    private readonly Dictionary<(string Group, string Plural, string Namespace, string Name), JsonObject> _objects = [];

    public JsonObject? Find(string group, string plural, string @namespace, string name) =>
        _objects.GetValueOrDefault((group, plural, @namespace, name))?.DeepClone().AsObject();

    /// <summary>Adds or replaces an object; namespace and name come from its metadata.</summary>
    public ObjectsInMemory Put(string group, string plural, string json) => Put(group, plural, JsonNode.Parse(json)!.AsObject());

    public ObjectsInMemory Put(string group, string plural, JsonObject @object)
    {
        var metadata = @object["metadata"]!.AsObject();
        _objects[(group, plural, (string?)metadata["namespace"] ?? "", (string)metadata["name"]!)] = @object;
        return this;
    }

    public void Remove(string group, string plural, string @namespace, string name) =>
        _objects.Remove((group, plural, @namespace, name));
}
