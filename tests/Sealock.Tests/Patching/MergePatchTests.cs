// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Patching;

namespace Sealock.Tests.Patching;

public sealed class MergePatchTests
{
    [Theory] // RFC 7386, appendix A, as far as the document is an object
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", "{}")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("{}", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Members_are_replaced_or_removed(string document, string patch, string expected)
    {
        Assert.True(MergePatch.TryApply(JsonNode.Parse(document)!.AsObject(), JsonNode.Parse(patch), out var result, out _));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), result), result.ToJsonString());
    }

    [Theory]
    [InlineData("[]", "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}")]
    [InlineData("1", "error decoding patch: json: cannot unmarshal number into Go value of type map[string]interface {}")]
    [InlineData("null", "Invalid JSON Patch")]
    public void What_is_no_object_is_a_bad_request(string patch, string message)
    {
        Assert.False(MergePatch.TryApply([], JsonNode.Parse(patch), out _, out var failure));
        Assert.Equal((400, message), (failure.Code, failure.Message));
    }

    [Fact]
    public void Applying_a_patch_twice_is_applying_it_once() => Check.QuickThrowOnFailure(Prop.ForAll(
        JsonTrees.Objects, JsonTrees.Objects, (document, patch) =>
            MergePatch.TryApply((JsonObject)document.DeepClone(), patch, out var once, out _)
            && MergePatch.TryApply((JsonObject)once.DeepClone(), patch, out var twice, out _)
            && JsonNode.DeepEquals(once, twice)));
}
