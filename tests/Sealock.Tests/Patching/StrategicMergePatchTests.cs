// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Patching;

namespace Sealock.Tests.Patching;

public sealed class StrategicMergePatchTests
{
    private static readonly Schema Item = new("Item", []);
    private static readonly Schema Root = new("Root", new()
    {
        ["list"] = new(Item, "merge", "name"),
        ["names"] = new(null, "merge", null),
        ["plain"] = new(Item, null, null),
        ["whole"] = new(Item, "replace", null),
        ["kept"] = new(Item, "retainKeys", null),
        ["inner"] = new(Item, null, null),
        ["keyless"] = new(Item, "merge", null),
    });

    [Theory]
    [InlineData("""{"inner":{"a":1,"b":2}}""", """{"inner":{"a":null,"c":3}}""", """{"inner":{"b":2,"c":3}}""")]
    [InlineData("""{"inner":{"a":1}}""", """{"inner":{"$patch":"replace","z":1}}""", """{"inner":{"z":1}}""")]
    [InlineData("""{"inner":{"a":1}}""", """{"inner":{"$patch":"delete"}}""", """{"inner":{}}""")]
    [InlineData("""{"a":1}""", """{"$patch":"replace","b":2}""", """{"b":2}""")]
    [InlineData("""{"whole":{"a":1}}""", """{"whole":{"b":2}}""", """{"whole":{"b":2}}""")]
    [InlineData("""{"plain":[{"name":"x"}]}""", """{"plain":[{"name":"y"}]}""", """{"plain":[{"name":"y"}]}""")]
    [InlineData("""{"list":[{"name":"x","v":1},{"name":"y"}]}""", """{"list":[{"name":"x","w":2}]}""", """{"list":[{"name":"x","v":1,"w":2},{"name":"y"}]}""")]
    [InlineData("""{"list":[{"name":"x"}]}""", """{"list":[{"name":"n"}]}""", """{"list":[{"name":"n"},{"name":"x"}]}""")]
    [InlineData("""{"list":[{"name":"x"},{"name":"y"}]}""", """{"list":[{"$patch":"delete","name":"x"}]}""", """{"list":[{"name":"y"}]}""")]
    [InlineData("""{"list":[{"name":"x"},{"name":"y"}]}""", """{"list":[{"$patch":"replace"},{"name":"z"}]}""", """{"list":[{"name":"z"}]}""")]
    [InlineData("""{"list":[{"name":"x"}]}""", """{"list":[{"$patch":"replace"}]}""", """{"list":[]}""")]
    [InlineData("""{"list":[{"name":1},{"name":"1"}]}""", """{"list":[{"name":"1","v":2}]}""", """{"list":[{"name":1},{"name":"1","v":2}]}""")]
    [InlineData("""{"names":["a","b","c"]}""", """{"names":["z"]}""", """{"names":["z","a","b","c"]}""")]
    [InlineData("""{"names":["a","b"]}""", """{"names":["b","a"]}""", """{"names":["b","a"]}""")]
    [InlineData("""{"names":["a","b","c"]}""", """{"$deleteFromPrimitiveList/names":["a","q"]}""", """{"names":["b","c"]}""")]
    [InlineData("""{"a":1}""", """{"$deleteFromPrimitiveList/names":["a"]}""", """{"a":1}""")]
    [InlineData("""{"names":["a","b","c"]}""", """{"$setElementOrder/names":["c","a","n"],"names":["n"]}""", """{"names":["b","c","a","n"]}""")]
    [InlineData("""{"names":["a","b"]}""", """{"$setElementOrder/names":["b","a"]}""", """{"names":["b","a"]}""")]
    [InlineData("""{"list":[{"name":"x","v":1},{"name":"y"},{"name":"s"}]}""", """{"$setElementOrder/list":[{"name":"y"},{"name":"x"}],"list":[{"name":"x","v":2}]}""", """{"list":[{"name":"y"},{"name":"x","v":2},{"name":"s"}]}""")]
    [InlineData("""{"list":[{"name":"x"},{"name":"y"}]}""", """{"$setElementOrder/list":[{"name":"y"}],"list":[{"$patch":"delete","name":"x"}]}""", """{"list":[{"name":"y"}]}""")]
    [InlineData("{}", """{"$setElementOrder/list":[{"name":"y"},{"name":"x"}],"list":[{"name":"y","z":null},{"name":"x"}]}""", """{"list":[{"name":"y"},{"name":"x"}]}""")]
    [InlineData("""{"kept":{"a":1,"b":2,"c":3}}""", """{"kept":{"$retainKeys":["a","d"],"a":9,"d":4,"b":null}}""", """{"kept":{"a":9,"d":4}}""")]
    [InlineData("{}", """{"inner":{"a":{"x":null,"$patch":"replace","y":1}}}""", """{"inner":{"a":{"y":1}}}""")]
    [InlineData("{}", """{"list":[{"name":"x","$patch":"delete"},{"name":"y"}]}""", """{"list":[{"name":"y"}]}""")]
    [InlineData("""{"a":1}""", """{"unknown":{"b":1}}""", """{"a":1,"unknown":{"b":1}}""")]
    [InlineData("""{"a":{"x":1}}""", """{"a":5}""", """{"a":5}""")]
    [InlineData("""{"a":1}""", "null", """{"a":1}""")]
    public void Patches_apply(string document, string patch, string expected)
    {
        Assert.True(StrategicMergePatch.TryApply(
            JsonNode.Parse(document)!.AsObject(), JsonNode.Parse(patch), Root, out var result, out var failure), failure?.Cause);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result!.ToJsonString());
    }

    [Theory]
    [InlineData("[]", 400, "json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("""{"inner":{"$patch":"foo"}}""", 500, "unknown patch type: foo in map: map[$patch:foo]")]
    [InlineData("""{"$setElementOrder/names":["c"],"names":["n"]}""", 500, "The order in patch list:\n[n]\n doesn't match $setElementOrder list:\n[c]\n")]
    [InlineData("""{"$setElementOrder/names":"a"}""", 500, "expected a []interface {}, but received a string")]
    [InlineData("""{"$setElementOrder/foo":["a"]}""", 500, "unable to find api field in struct Root for the json field \"foo\"")]
    [InlineData("""{"$setElementOrder":["a"]}""", 400, "invalid patch format of setElementOrder list")]
    [InlineData("""{"$deleteFromPrimitiveList":["a"]}""", 400, "invalid patch format of primitive list")]
    [InlineData("""{"inner":{"$retainKeys":["a"],"b":9}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"inner":{"$retainKeys":"a"}}""", 400, "invalid patch format of retainKeys")]
    [InlineData("""{"names":[["a"]]}""", 500, "list element types are not identical: [[a b] [[a]]]")]
    [InlineData("""{"names":[1]}""", 500, "list element types are not identical: [[a b] [1]]")]
    [InlineData("""{"names":[null]}""", 500, "list element types are not identical: [[a b] [<nil>]]")]
    [InlineData("""{"list":[{"v":1}]}""", 500, "map: map[v:1] does not contain declared merge key: name")]
    [InlineData("""{"list":[{"$patch":"merge","name":"x"}]}""", 500, "merging lists cannot yet be specified in the patch")]
    [InlineData("""{"keyless":[{"name":"x"}]}""", 500, "cannot merge lists without merge key for Item")]
    public void What_does_not_apply_is_explained_as_kube_apiserver_does(string patch, int code, string message)
    {
        var document = JsonNode.Parse("""{"inner":{"q":1},"names":["a","b"],"list":[{"name":"x"}],"keyless":[{"name":"y"}]}""")!;
        Assert.False(StrategicMergePatch.TryApply(document.AsObject(), JsonNode.Parse(patch), Root, out _, out var failure));
        Assert.Equal((code, message), (failure.Code, failure.Message));
    }

    [Fact]
    public void Merging_large_lists_takes_linear_time()
    {
        static JsonArray Items(int from, int count) => new([.. Enumerable.Range(from, count)
            .Select(i => (JsonNode?)new JsonObject { ["name"] = "n" + i })]);
        var document = new JsonObject { ["list"] = Items(0, 20_000) };
        var patch = new JsonObject { ["list"] = Items(10_000, 20_000), ["$setElementOrder/list"] = Items(10_000, 20_000) };
        Assert.True(StrategicMergePatch.TryApply(document, patch, Root, out var result, out _));
        Assert.Equal(30_000, result["list"]!.AsArray().Count);
    }

    [Fact]
    public void Without_lists_and_directives_it_is_a_merge_patch() => Check.QuickThrowOnFailure(Prop.ForAll(
        JsonTrees.Objects, JsonTrees.Objects, (document, patch) =>
            MergePatch.TryApply((JsonObject)document.DeepClone(), WithoutLists(patch), out var expected, out _)
            && StrategicMergePatch.TryApply((JsonObject)document.DeepClone(), WithoutLists(patch), new Schema("X", []), out var actual, out _)
            && JsonNode.DeepEquals(expected, actual)));

    [Fact]
    public void Any_tree_as_a_patch_applies_or_fails_as_a_value() => Check.QuickThrowOnFailure(Prop.ForAll(
        JsonTrees.Patches, JsonTrees.Patches, (document, patch) =>
            StrategicMergePatch.TryApply((JsonObject)document.DeepClone(), patch.DeepClone(), Root, out var result, out var failure)
                ? result is not null : failure.Code is 400 or 422 or 500));

    private static JsonObject WithoutLists(JsonObject map) => new(map
        .Where(p => p.Value is not JsonArray)
        .Select(p => new KeyValuePair<string, JsonNode?>(p.Key, p.Value is JsonObject o ? WithoutLists(o) : p.Value?.DeepClone())));

    private sealed class Schema(string name, Dictionary<string, PatchField> fields) : IPatchSchema
    {
        public string Name => name;

        public PatchField? FindPatchField(string field) => fields.TryGetValue(field, out var known) ? known : null;
    }
}
