// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Yaml;

namespace Sealock.Tests.Yaml;

public sealed class YamlReaderTests
{
    [Theory] // as sigs.k8s.io/yaml answers
    [InlineData("y", "true")]
    [InlineData("yes", "true")]
    [InlineData("on", "true")]
    [InlineData("True", "true")]
    [InlineData("n", "false")]
    [InlineData("OFF", "false")]
    [InlineData("0777", "511")]
    [InlineData("0o17", "15")]
    [InlineData("0b11", "3")]
    [InlineData("1_000", "1000")]
    [InlineData("1__0", "10")]
    [InlineData("_1", "\"_1\"")]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("1e", "\"1e\"")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("08", "8")]
    [InlineData("2001-01-01", "\"2001-01-01\"")]
    [InlineData("12:30", "\"12:30\"")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("Null", "null")]
    [InlineData("18446744073709551615", "18446744073709551615")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("1.5e-9", "1.5E-09")]
    [InlineData("+1", "1")]
    [InlineData("0x1F", "31")]
    [InlineData("-0x1f", "-31")]
    [InlineData(".5", "0.5")]
    [InlineData("-.5", "-0.5")]
    [InlineData("5.", "5")]
    [InlineData("-0", "0")]
    [InlineData("123456789.123", "123456789.123")]
    [InlineData("!!str 5", "\"5\"")]
    [InlineData("!!float 1", "1")]
    [InlineData("!!bool yes", "true")]
    [InlineData("!!null \"\"", "null")]
    [InlineData("!!binary aGVsbG8=", "\"hello\"")]
    [InlineData("!foo bar", "\"bar\"")]
    [InlineData("\"y\"", "\"y\"")]
    [InlineData("'1'", "\"1\"")]
    [InlineData("<<", "\"\\u003C\\u003C\"")]
    [InlineData("x#c", "\"x#c\"")]
    [InlineData("x #c", "\"x\"")]
    [InlineData("\"\\x41\\u00e9\"", "\"A\\u00E9\"")]
    [InlineData("[1, {a: b}]", "[1,{\"a\":\"b\"}]")]
    public void Scalars_mean_what_they_mean_to_kubectl(string yaml, string json)
    {
        Assert.True(YamlReader.TryRead($"a: {yaml}\n", out var document, out var error), error);
        Assert.Equal($$"""{"a":{{json}}}""", document.ToJsonString());
    }

    [Theory]
    [InlineData("a: |\n  x\n  y\nb: >\n  x\n  y\n", """{"a":"x\ny\n","b":"x y\n"}""")]
    [InlineData("- a\n-   - b\n", """["a",["b"]]""")]
    [InlineData("1: a\n1.50: b\ntrue: c\n0x10: d\n", """{"1":"a","1.5":"b","true":"c","16":"d"}""")]
    [InlineData("a: &x {b: 1}\nc: {<<: *x, d: 2}\n", """{"a":{"b":1},"c":{"d":2,"b":1}}""")]
    [InlineData("c: {b: 0, <<: [{b: 1, e: 1}, {e: 2, f: 2}]}\n", """{"c":{"b":0,"e":1,"f":2}}""")]
    [InlineData("{\"a\":1,\"b\":[1,2]}", """{"a":1,"b":[1,2]}""")]
    [InlineData("# c\n---\na: 1\n...\n", """{"a":1}""")]
    public void Documents_become_json(string yaml, string json)
    {
        Assert.True(YamlReader.TryRead(yaml, out var document, out var error), error);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(json), document), document.ToJsonString());
    }

    [Theory]
    [InlineData("a: *x", "unknown anchor 'x' referenced")]
    [InlineData("&a [*a]", "anchor 'a' value contains itself")]
    [InlineData("a: 1\na: 2", "line 2: key \"a\" already set in map")]
    [InlineData("{1: a, \"1\": b}", "key \"1\" already set in map")]
    [InlineData("? [a]\n: b", "invalid map key")]
    [InlineData("~: x", "unsupported map key of type null")]
    [InlineData("a: .inf", "json: unsupported value: .inf")]
    [InlineData("<<: 5", "map merge requires map or sequence of maps as the value")]
    [InlineData("a: !!int x", "cannot decode `x` as a !!int")]
    [InlineData("a: !!binary '*'", "invalid base64")]
    [InlineData("a: [1,2", "line ")]
    [InlineData("a: \0", "control characters are not allowed")]
    [InlineData("a: b: c", "line ")]
    [InlineData("--- a\n--- b", "more than one document")]
    [InlineData("# nothing", "no document")]
    public void Malformed_text_is_refused_with_its_place(string yaml, string message)
    {
        Assert.False(YamlReader.TryRead(yaml, out _, out var error));
        Assert.Contains(message, error, StringComparison.Ordinal);
        Assert.StartsWith("yaml: ", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Many_documents_are_read_and_empty_ones_left_out()
    {
        Assert.True(YamlReader.TryReadAll("---\na: 1\n---\n# none\n---\nb: 2\n--- ~\n", out var documents, out _));
        Assert.Equal(["""{"a":1}""", """{"b":2}"""], documents.Select(d => d.ToJsonString()));
    }

    [Fact]
    public void A_billion_laughs_are_cut_short()
    {
        var yaml = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 10; i++)
        {
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat($"*a{i - 1}", 10))}]\n");
        }

        Assert.False(YamlReader.TryReadAll(yaml.ToString(), out _, out var error));
        Assert.Contains("too many values", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: [1, 1, 1, 1]", 6, true)]
    [InlineData("a: [1, 1, 1, 1]", 5, false)]
    [InlineData("[&x 1, *x, *x, *x]", 5, true)]
    [InlineData("[&x 1, *x, *x, *x]", 4, false)]
    [InlineData("[&x [1], *x]", 5, true)]
    [InlineData("[&x [1], *x]", 4, false)]
    [InlineData("[1, 1]\n---\n[1, 1]\n", 6, true)]
    [InlineData("[1, 1]\n---\n[1, 1]\n", 5, false)]
    public void Values_count_once_each_in_all_documents_together(string yaml, int most, bool accepted)
    {
        Assert.Equal(accepted, YamlReader.TryReadAll(yaml, out _, out var error, most));
        if (!accepted)
            Assert.Contains("too many values", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Documents_without_content_count_too()
    {
        Assert.False(YamlReader.TryReadAll(string.Concat(Enumerable.Repeat("---\n", YamlReader.MaxDocuments + 1)), out _, out var error));
        Assert.Contains("too many documents", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a: ")]
    [InlineData("- ")]
    [InlineData("&a [")]
    public void Bottomless_nesting_is_refused(string opening)
    {
        Assert.False(YamlReader.TryReadAll(string.Concat(Enumerable.Repeat(opening, 50_000)), out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void Nesting_through_aliases_counts_as_nesting()
    {
        var yaml = new StringBuilder("a0: &a0 x\n");
        for (var i = 1; i <= YamlReader.MaxDepth + 1; i++)
        {
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1}]\n");
        }

        Assert.False(YamlReader.TryReadAll(yaml.ToString(), out _, out var error));
        Assert.Contains("too deeply", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Oversized_text_is_refused() =>
        Assert.False(YamlReader.TryReadAll(new string(' ', YamlReader.MaxLength + 1), out _, out _));

    [Fact]
    public void Any_text_is_read_or_refused() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(2_000), Prop.ForAll(
            Gen.ListOf(Gen.Elements(
                "a", "b", ": ", ":", "\n", "\n  ", "- ", "-", "[", "]", "{", "}", ",", "&x ", "*x", "<<", "|", ">", "|2", "\"", "'", "#", " #",
                "!!str ", "!!int ", "!", "%", "%YAML 1.1\n", "---\n", "...", "\t", "?", "? ", "\0", "\u0085", "\ud800", "é", "1", "0x", "~", "@", "`", "\\", "\\x", "\r"))
                .Select(parts => string.Concat(parts)).ToArbitrary(),
            text => YamlReader.TryReadAll(text, out _, out var error) || error is { Length: > 0 }));
}
