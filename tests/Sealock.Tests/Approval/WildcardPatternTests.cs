// SPDX-License-Identifier: Apache-2.0
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Controllers.Approval;

namespace Sealock.Tests.Approval;

public sealed class WildcardPatternTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("", "a", false)]
    [InlineData("*", "", true)]
    [InlineData("*", "anything", true)]
    [InlineData("a*c", "ac", true)]
    [InlineData("a*c", "abc", true)]
    [InlineData("a*c", "abcd", false)]
    [InlineData("*.example.com", ".example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "EXAMPLE.com", false)]
    [InlineData("**", "x", true)]
    public void A_star_stands_for_any_text(string pattern, string text, bool matches) =>
        Assert.Equal(matches, WildcardPattern.Matches(pattern, text));

    [Fact]
    public void It_means_what_the_regular_expression_means() => Prop.ForAll(
        Of("ab*").ToArbitrary(), Of("ab").ToArbitrary(),
        (pattern, text) => WildcardPattern.Matches(pattern, text) == Regex.IsMatch(text, Expression(pattern)))
        .Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_pattern_of_many_stars_takes_no_exponential_time() => Assert.False(
        WildcardPattern.Matches(string.Concat(Enumerable.Repeat("*a", 500)) + "b", new string('a', 5000)));

    private static string Expression(string pattern) =>
        "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal) + "\\z";

    private static Gen<string> Of(string letters) =>
        Gen.Elements(letters.ToCharArray()).ArrayOf().Select(characters => new string(characters));
}
