// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Patching;

namespace Sealock.Tests.Patching;

public sealed class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":[1]}]""", """{"a":1,"b":[1]}""")]
    [InlineData("""{"a":[1,3]}""", """[{"op":"add","path":"/a/1","value":2}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":[1]}""", """[{"op":"add","path":"/a/-","value":2}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-1","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/a","value":{"x":null}}]""", """{"a":{"x":null}}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b"}]""", """{"a":1,"b":null}""")]
    [InlineData("""{"a":1,"b":2}""", """[{"op":"remove","path":"/a"}]""", """{"b":2}""")]
    [InlineData("""{"a":[1,2,3]}""", """[{"op":"remove","path":"/a/-1"}]""", """{"a":[1,2]}""")]
    [InlineData("""{"a":1}""", """[{"op":"replace","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"replace","path":"/a/0","value":9}]""", """{"a":[9,2]}""")]
    [InlineData("""{"a":{"x":1},"b":{}}""", """[{"op":"move","from":"/a/x","path":"/b/y"}]""", """{"a":{},"b":{"y":1}}""")]
    [InlineData("""{"a":{"x":[1]}}""", """[{"op":"copy","from":"/a","path":"/b"},{"op":"add","path":"/b/x/0","value":0}]""", """{"a":{"x":[1]},"b":{"x":[0,1]}}""")]
    [InlineData("""{"a/b":1,"m~n":2}""", """[{"op":"remove","path":"/a~1b"},{"op":"replace","path":"/m~0n","value":3}]""", """{"m~n":3}""")]
    [InlineData("""{"a":{"x":1.0,"y":[true]}}""", """[{"op":"test","path":"/a","value":{"y":[true],"x":1}}]""", """{"a":{"x":1.0,"y":[true]}}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/b","value":null}]""", """{"a":1}""")]
    [InlineData("""{"":1}""", """[{"op":"replace","path":"/","value":2}]""", """{"":2}""")]
    [InlineData("""{"a":1}""", "[]", """{"a":1}""")]
    [InlineData("""{"a":1}""", "null", """{"a":1}""")]
    public void Operations_apply(string document, string patch, string expected)
    {
        Assert.True(JsonPatch.TryApply(Parse(document), JsonNode.Parse(patch), out var result, out var failure), failure?.Cause);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result!.ToJsonString());
    }

    [Theory]
    [InlineData("""[{"op":"x","path":"/a"}]""")]
    [InlineData("""[{"path":"/a"}]""")]
    [InlineData("""[{"op":"add"}]""")]
    [InlineData("""[null]""")]
    [InlineData("""[{"op":"add","path":"/q/q","value":1}]""")]
    [InlineData("""[{"op":"add","path":"q","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/a/b","value":1}]""")]
    [InlineData("""[{"op":"remove","path":"/zz"}]""")]
    [InlineData("""[{"op":"remove","path":""}]""")]
    [InlineData("""[{"op":"remove","path":"/l/2"}]""")]
    [InlineData("""[{"op":"remove","path":"/l/-3"}]""")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""")]
    [InlineData("""[{"op":"add","path":"/l/x","value":1}]""")]
    [InlineData("""[{"op":"replace","path":"/l/-","value":1}]""")]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""")]
    [InlineData("""[{"op":"test","path":"/a","value":"1"}]""")]
    [InlineData("""[{"op":"move","from":"/zz","path":"/a"}]""")]
    [InlineData("""[{"op":"move","from":"/l","path":"/l/0"}]""")]
    [InlineData("""[{"op":"copy","path":"/a"}]""")]
    public void What_does_not_apply_is_unprocessable_without_a_reason_given(string patch)
    {
        Assert.False(JsonPatch.TryApply(Parse("""{"a":1,"l":[1,2]}"""), JsonNode.Parse(patch), out _, out var failure));
        Assert.Equal((422, "Invalid"), (failure.Code, failure.Reason));
        Assert.Equal("the server rejected our request due to an error in our request", failure.Message);
    }

    [Theory]
    [InlineData("{}", "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp")]
    [InlineData("[1]", "error decoding patch: json: cannot unmarshal number into Go value of type handlers.jsonPatchOp")]
    [InlineData("[{\"op\":1}]", "error decoding patch: json: cannot unmarshal number into Go struct field jsonPatchOp.op of type string")]
    public void What_is_no_patch_is_a_bad_request(string patch, string message)
    {
        Assert.False(JsonPatch.TryApply([], JsonNode.Parse(patch), out _, out var failure));
        Assert.Equal((400, "BadRequest", message), (failure.Code, failure.Reason, failure.Message));
    }

    [Fact]
    public void Too_many_operations_are_refused()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, JsonPatch.MaxOperations + 1).Select(_ => (JsonNode?)new JsonObject())]);
        Assert.False(JsonPatch.TryApply([], patch, out _, out var failure));
        Assert.Equal((413, "RequestEntityTooLarge", "The allowed maximum operations in a JSON patch is 10000, got 10001"),
            (failure.Code, failure.Reason, failure.Message));
    }

    [Fact]
    public void Copies_that_double_the_object_over_and_over_are_stopped()
    {
        var patch = new JsonArray([.. Enumerable.Range(0, 60).Select(i => JsonNode.Parse($$"""{"op":"copy","from":"/a","path":"/a/{{i}}"}"""))]);
        Assert.False(JsonPatch.TryApply(Parse("""{"a":{}}"""), patch, out _, out var failure));
        Assert.Contains("limit", failure.Cause, StringComparison.Ordinal);
    }

    [Fact]
    public void Insertions_into_a_huge_list_are_stopped()
    {
        var document = new JsonObject { ["l"] = new JsonArray([.. Enumerable.Repeat(0, 100_000).Select(i => (JsonNode?)i)]) };
        var patch = new JsonArray([.. Enumerable.Repeat("""{"op":"add","path":"/l/0","value":1}""", 10_000).Select(o => JsonNode.Parse(o))]);
        Assert.False(JsonPatch.TryApply(document, patch, out _, out var failure));
        Assert.Equal("the patch takes too much work", failure.Cause);
    }

    [Fact]
    public void Adding_and_removing_again_changes_nothing() => Check.QuickThrowOnFailure(Prop.ForAll(
        JsonTrees.Objects, JsonTrees.Values, (document, value) =>
        {
            var patch = new JsonArray(
                new JsonObject { ["op"] = "add", ["path"] = "/new~0key", ["value"] = value?.DeepClone() },
                new JsonObject { ["op"] = "test", ["path"] = "/new~0key", ["value"] = value?.DeepClone() },
                new JsonObject { ["op"] = "remove", ["path"] = "/new~0key" });
            return JsonPatch.TryApply((JsonObject)document.DeepClone(), patch, out var result, out _)
                && JsonNode.DeepEquals(document, result);
        }));

    [Fact]
    public void Any_tree_as_a_patch_applies_or_fails_as_a_value() => Check.QuickThrowOnFailure(Prop.ForAll(
        JsonTrees.Objects, JsonTrees.Operations, (document, patch) =>
            JsonPatch.TryApply((JsonObject)document.DeepClone(), patch, out var result, out var failure)
                ? result is not null : failure.Code is 400 or 422));

    private static JsonObject Parse(string json) => JsonNode.Parse(json)!.AsObject();
}
