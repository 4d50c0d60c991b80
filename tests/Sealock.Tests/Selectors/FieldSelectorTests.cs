// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Selectors;

namespace Sealock.Tests.Selectors;

public sealed class FieldSelectorTests
{
    [Theory]
    [InlineData("metadata.name=x", "metadata.name=x")]
    [InlineData("metadata.name==x", "metadata.name=x")]
    [InlineData("b=1,a!=2", "a!=2,b=1")]
    [InlineData("a=x\\,y\\=z\\\\", "a=x\\,y\\=z\\\\")]
    [InlineData(",a=1,", "a=1")]
    [InlineData("a=", "a=")]
    [InlineData("=x", "=x")]
    [InlineData("", "")]
    public void A_selector_prints_canonically(string text, string canonical) =>
        Assert.Equal(canonical, FieldSelector.Parse(text).ToString());

    [Theory]
    [InlineData("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'")]
    [InlineData("metadata.name=a\\b", "invalid field selector: invalid escape sequence: \\b")]
    [InlineData("metadata.name=a=b", "invalid field selector: unescaped character in value: 61")]
    [InlineData("metadata.name=a\\", "invalid field selector: invalid escape sequence: \\")]
    public void A_malformed_selector_is_explained_as_kube_apiserver_does(string text, string message)
    {
        Assert.False(FieldSelector.TryParse(text, out _, out var error));
        Assert.Equal(message, error);
    }

    [Theory]
    [InlineData("metadata.name=x", true)]
    [InlineData("metadata.name!=x", false)]
    [InlineData("spec.node=", true)]
    [InlineData("spec.node!=", false)]
    [InlineData("metadata.name=x,metadata.namespace=y", false)]
    [InlineData("", true)]
    public void Fields_are_matched_and_absent_ones_are_empty(string text, bool matches)
    {
        KeyValuePair<string, string>[] fields = [new("metadata.name", "x"), new("metadata.namespace", "z")];
        Assert.Equal(matches, FieldSelector.Parse(text).Matches(fields));
        Assert.Equal(matches, FieldSelector.Parse(text).Matches(new Dictionary<string, string>(fields)));
    }

    [Fact]
    public void The_first_unsupported_field_is_named()
    {
        var selector = FieldSelector.Parse("a=1,metadata.name=x");
        Assert.Equal("a", selector.FirstUnsupported(f => f == "metadata.name"));
        Assert.Null(selector.FirstUnsupported(_ => true));
        Assert.True(selector.TryGetExactValue("metadata.name", out var value));
        Assert.Equal("x", value);
    }

    [Fact]
    public void Any_value_survives_escaping() => Check.QuickThrowOnFailure(Prop.ForAll(
        ArbMap.Default.ArbFor<NonNull<string>>(), value =>
        {
            var text = $"f={FieldSelector.Escape(value.Get)},g!={FieldSelector.Escape(value.Get)}";
            return FieldSelector.TryParse(text, out var selector, out _)
                && selector.Requirements.All(r => r.Value == value.Get)
                && FieldSelector.Parse(selector.ToString()).ToString() == selector.ToString();
        }));

    [Fact]
    public void Any_text_is_parsed_or_refused() => Check.QuickThrowOnFailure(Prop.ForAll(
        Gen.ListOf(Gen.Elements("a", "=", "!", "\\", ",", "é", "==")).Select(parts => string.Concat(parts)).ToArbitrary(),
        text => FieldSelector.TryParse(text, out _, out var error) || error is { Length: > 0 }));
}
