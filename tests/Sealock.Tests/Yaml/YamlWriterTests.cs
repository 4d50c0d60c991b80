// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Yaml;
using Sealock.Tests.Patching;

namespace Sealock.Tests.Yaml;

public sealed class YamlWriterTests
{
    [Fact]
    public void Objects_look_as_kubectl_prints_them()
    {
        var node = JsonNode.Parse("""
            {"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"x","labels":{},"creationTimestamp":"2024-01-01T00:00:00Z",
            "finalizers":["a/b"],"managedFields":[]},"data":{"t":"true","n":"12","e":"","m":"a\nb\n","k":"a\nb","c":"a: b","h":"a #b",
            "d":"-x","q":"it's","i":"[x]","s":" x","a10":"x","a9":"x","u":"tab\t","w":"1:30"},
            "list":[{"name":"a","v":[1,2]},[["x"]],null,1.5,true]}
            """);
        Assert.Equal("""
            apiVersion: v1
            data:
              a9: x
              a10: x
              c: 'a: b'
              d: -x
              e: ""
              h: 'a #b'
              i: '[x]'
              k: |-
                a
                b
              m: |
                a
                b
              "n": "12"
              q: it's
              s: ' x'
              t: "true"
              u: "tab\t"
              w: "1:30"
            kind: ConfigMap
            list:
            - name: a
              v:
              - 1
              - 2
            - - - x
            - null
            - 1.5
            - true
            metadata:
              creationTimestamp: "2024-01-01T00:00:00Z"
              finalizers:
              - a/b
              labels: {}
              managedFields: []
              name: x

            """.ReplaceLineEndings("\n"), YamlWriter.Write(node));
    }

    [Theory]
    [InlineData("null", "null\n")]
    [InlineData("[]", "[]\n")]
    [InlineData("\"x\"", "x\n")]
    [InlineData("\"a\\nb\"", "|-\n  a\n  b\n")]
    public void Roots_of_every_type_are_written(string json, string yaml) => Assert.Equal(yaml, YamlWriter.Write(JsonNode.Parse(json)));

    [Fact]
    public void Any_tree_is_read_back_the_same() => Check.QuickThrowOnFailure(Prop.ForAll(JsonTrees.Objects, RoundTrips));

    [Fact]
    public void Any_string_is_read_back_the_same_as_value_and_as_key() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(3_000), Prop.ForAll(
            Gen.OneOf(
                Gen.ListOf(Gen.Elements("a", " ", "\n", ":", "#", "-", "?", "'", "\"", "\\", "\t", "\r", "|", "1", "y", "~", "---", "...", "é", "\u0085", "\u2028", "\ufeff", "😀", "\u0001", "%", "<<", "=", "*", "&", "!"))
                    .Select(parts => string.Concat(parts)),
                ArbMap.Default.GeneratorFor<NonNull<string>>().Select(s => s.Get)).ToArbitrary(),
            text => RoundTrips(new JsonObject { [Valid(text)] = Valid(text), ["l"] = new JsonArray(Valid(text), new JsonObject { ["x"] = Valid(text) }) })));

    private static bool RoundTrips(JsonObject tree)
    {
        var yaml = YamlWriter.Write(tree);
        Assert.True(YamlReader.TryRead(yaml, out var back, out var error), $"{error}\n{yaml}");
        return JsonNode.DeepEquals(tree, back);
    }

    // Lone surrogates are no text.
    private static string Valid(string text) => string.Concat(text.EnumerateRunes());
}
