// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using System.Text.Json.Nodes;
using Sealock.Api.Selectors;

namespace Sealock.Tests.Selectors;

public sealed class LabelSelectorTests
{
    [Theory]
    [InlineData("a=b", "a=b")]
    [InlineData("a = b", "a=b")]
    [InlineData("a==", "a==")]
    [InlineData("b,a", "a,b")]
    [InlineData("!a", "!a")]
    [InlineData("a in (y,x,y)", "a in (x,y)")]
    [InlineData("a notin ()", "a notin ()")]
    [InlineData("a in (,)", "a in ()")]
    [InlineData("a in (,,x)", "a in (,x)")]
    [InlineData("a in (b,,c)", "a in (,b,c)")]
    [InlineData("a in (in,notin)", "a in (in,notin)")]
    [InlineData("in in (in)", "in in (in)")]
    [InlineData("a>1,b<2", "a>1,b<2")]
    [InlineData("a=,b", "a=,b")]
    [InlineData(" \t", "")]
    [InlineData("example.com/a!=b", "example.com/a!=b")]
    public void A_selector_prints_canonically(string text, string canonical) =>
        Assert.Equal(canonical, LabelSelector.Parse(text).ToString());

    [Theory]
    [InlineData("a b", "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("a=b c", "found 'c', expected: ',' or 'end of string'")]
    [InlineData("a in x", "unable to parse requirement: found 'x' expected: '('")]
    [InlineData("a in", "unable to parse requirement: found '' expected: '('")]
    [InlineData("a in (x", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("a in (=)", "unable to parse requirement: found '=', expected: ',', ')' or identifier")]
    [InlineData("!a=b", "found '=', expected: ',' or 'end of string'")]
    [InlineData("!!a", "unable to parse requirement: found '!', expected: identifier")]
    [InlineData("a,,b", "found ',', expected: identifier after ','")]
    [InlineData(",a", "found ',', expected: !, identifier, or 'end of string'")]
    [InlineData("a=b,", "found '', expected: identifier after ','")]
    [InlineData("=a", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a=>b", "unable to parse requirement: found '>', expected: identifier")]
    [InlineData("a=b=c", "found '=', expected: ',' or 'end of string'")]
    [InlineData("/a=b", "unable to parse requirement: <nil>: Invalid value: \"/a\": prefix part must be non-empty")]
    [InlineData("a>x", "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    [InlineData("x=-", "unable to parse requirement: values[0][x]: Invalid value: \"-\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')")]
    public void A_malformed_selector_is_explained_as_kube_apiserver_does(string text, string message)
    {
        Assert.False(LabelSelector.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("a=1", true)]
    [InlineData("a==2", false)]
    [InlineData("a!=2", true)]
    [InlineData("z!=2", true)]
    [InlineData("a in (1,2)", true)]
    [InlineData("z in (1)", false)]
    [InlineData("z notin (1)", true)]
    [InlineData("a notin (1)", false)]
    [InlineData("a", true)]
    [InlineData("z", false)]
    [InlineData("!z", true)]
    [InlineData("!a", false)]
    [InlineData("n>5,n<11", true)]
    [InlineData("n>10", false)]
    [InlineData("b>0", false)]
    [InlineData("z<0", false)]
    [InlineData("a=1,b=x", true)]
    [InlineData("a=1,b=y", false)]
    [InlineData("", true)]
    public void Labels_are_matched(string text, bool matches)
    {
        KeyValuePair<string, string>[] labels = [new("a", "1"), new("b", "x"), new("n", "10")];
        var selector = LabelSelector.Parse(text);
        Assert.Equal(matches, selector.Matches(labels));
        Assert.Equal(matches, selector.Matches(new Dictionary<string, string>(labels)));
    }

    [Fact]
    public void The_exact_value_is_known_only_where_one_is_demanded()
    {
        Assert.True(LabelSelector.Parse("a=b").TryGetExactValue("a", out var value));
        Assert.Equal("b", value);
        Assert.True(LabelSelector.Parse("a in (b)").TryGetExactValue("a", out _));
        Assert.False(LabelSelector.Parse("a in (b,c)").TryGetExactValue("a", out _));
        Assert.False(LabelSelector.Parse("a!=b").TryGetExactValue("a", out _));
    }

    [Fact]
    public void An_oversized_selector_is_refused() =>
        Assert.False(LabelSelector.TryParse(new string('a', LabelSelector.MaxLength + 1), out _, out _));

    [Fact]
    public void The_object_form_compiles_to_the_same_conditions()
    {
        var source = JsonNode.Parse("""
            {"matchLabels":{"b":"1","a":"2"},"matchExpressions":[{"key":"c","operator":"In","values":["y","x"]},
            {"key":"d","operator":"NotIn","values":["z"]},{"key":"e","operator":"Exists"},{"key":"f","operator":"DoesNotExist"}]}
            """)!.AsObject();
        Assert.True(LabelSelectorObject.TryCompile(source, out var selector, out _));
        Assert.Equal("a=2,b=1,c in (x,y),d notin (z),e,!f", selector.ToString());
        Assert.Empty(LabelSelectorObject.Validate(source, new("spec.selector")));
        Assert.True(LabelSelectorObject.TryCompile(null, out selector, out _));
        Assert.True(selector.MatchesNothing);
        Assert.False(selector.Matches([]));
        Assert.True(LabelSelectorObject.TryCompile([], out selector, out _));
        Assert.True(selector.IsEverything);
    }

    [Fact]
    public void A_malformed_object_form_is_explained()
    {
        var source = JsonNode.Parse("""{"matchExpressions":[{"key":"c","operator":"Inn"},{"key":"","operator":"In"}]}""")!.AsObject();
        Assert.False(LabelSelectorObject.TryCompile(source, out _, out var error));
        Assert.Equal("\"Inn\" is not a valid label selector operator", error);
        Assert.Equal(
            [
                "s.matchExpressions[0].operator: Invalid value: \"Inn\": not a valid selector operator",
                "s.matchExpressions[1].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
                "s.matchExpressions[1].key: Invalid value: \"\": name part must be non-empty",
            ],
            LabelSelectorObject.Validate(source, new("s")).Select(e => e.ToString()).Take(3));
    }

    [Fact]
    public void Any_text_is_parsed_or_refused_and_what_is_parsed_prints_and_parses_again() =>
        Check.QuickThrowOnFailure(Prop.ForAll(
            Gen.ListOf(Gen.Elements("a", "b.c/d", "in", "notin", "=", "==", "!", "!=", "(", ")", ",", ">", "<", " ", "1", "x-", "\0", "é"))
                .Select(parts => string.Concat(parts)).ToArbitrary(),
            text => !LabelSelector.TryParse(text, out var selector, out var error)
                ? error is { Length: > 0 }
                : LabelSelector.Parse(selector.ToString()).ToString() == selector.ToString()));
}
