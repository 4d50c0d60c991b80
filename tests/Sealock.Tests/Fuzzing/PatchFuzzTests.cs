// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Patching;
using Sealock.Api.Schemas;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Fuzzing;

/// <summary>Patches of the three kinds on objects that a stranger has made too.</summary>
public sealed class PatchFuzzTests(ITestOutputHelper output)
{
    private static readonly SchemaNode Pod = SchemaCatalog.Kubernetes.Get("io.k8s.api.core.v1.Pod");

    private static readonly JsonObject[] Operations =
    [
        .. new[]
        {
            """{"p":[{"op":"add","path":"/spec/containers/-","value":{"name":"d"}},{"op":"remove","path":"/metadata/labels"}]}""",
            """{"p":[{"op":"copy","from":"/spec","path":"/spec/containers/0/env"},{"op":"copy","from":"/spec","path":"/spec/volumes/-"}]}""",
            """{"p":[{"op":"move","from":"/spec/containers/0","path":"/spec/containers/-1"},{"op":"test","path":"","value":{}}]}""",
            """{"p":[{"op":"replace","path":"/a~1b~0c/01","value":null},{"op":"test","path":"/metadata/name","value":"x"}]}""",
        }.Select(Parse),
    ];

    private static readonly JsonObject[] Merges =
    [
        .. new[]
        {
            """{"spec":{"containers":[{"name":"c","$patch":"delete"},{"name":"e","image":"f"}],"$setElementOrder/containers":[{"name":"e"},{"name":"c"}]}}""",
            """{"spec":{"$retainKeys":["containers"],"volumes":[{"$patch":"replace"},{"name":"v","$retainKeys":["name"]}]},"$patch":"merge"}""",
            """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"$setElementOrder/finalizers":["b","a"],"finalizers":["b"],"ownerReferences":[{"uid":"u","$patch":"delete"}]}}""",
            """{"spec":{"tolerations":[{"key":"k"}],"nodeSelector":{"$patch":"delete"},"containers":[{"name":"c","ports":[{"containerPort":80,"$patch":"delete"}],"env":[{"name":"A","value":null}]}]}}""",
        }.Select(Parse),
    ];

    [Fact]
    public void Json_patches() => Run("JSON patches", Operations, (target, patch) =>
        (JsonPatch.TryApply(target, patch["p"], out var result, out var failure), result, failure));

    [Fact]
    public void Merge_patches() => Run("merge patches", [.. Merges, .. SampleObjects.Objects], (target, patch) =>
        (MergePatch.TryApply(target, patch, out var result, out var failure), result, failure));

    [Fact]
    public void Strategic_merge_patches() => Run("strategic merge patches", [.. Merges, .. SampleObjects.Objects], (target, patch) =>
        (StrategicMergePatch.TryApply(target, patch, Pod, out var result, out var failure), result, failure));

    private void Run(
        string parser, IReadOnlyList<JsonObject> patches, Func<JsonObject, JsonObject, (bool, JsonObject?, PatchFailure?)> apply)
    {
        var mutator = new JsonMutator(FuzzRun.Seed);
        FuzzRun.Inputs<(JsonObject Target, JsonObject Patch), NotImplementedException>(
            output, parser, FuzzRun.Iterations(), () => (mutator.Next(SampleObjects.Objects), mutator.Next(patches)),
            input => $"{input.Patch.ToJsonString()} on {input.Target.ToJsonString()}",
            input =>
            {
                var (applied, result, failure) = apply(input.Target, input.Patch);
                Assert.True(applied ? result?.ToJsonString().Length > 0 : failure is not null);
                return applied;
            });
    }

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
