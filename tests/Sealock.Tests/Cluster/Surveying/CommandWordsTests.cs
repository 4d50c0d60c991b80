// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Cluster.Surveying;

namespace Sealock.Tests.Cluster.Surveying;

public sealed class CommandWordsTests
{
    [Theory]
    [InlineData("--a=b --c", "--a=b|--c")]
    [InlineData("  --a='b c'  d ", "--a=b c|d")]
    [InlineData("--a=\"b \\\" c\"", "--a=b \" c")]
    [InlineData("a\\\n b", "a|b")]
    [InlineData("''", "")]
    public void A_line_is_split_as_a_shell_does(string line, string words) => Assert.Equal(words, string.Join('|', CommandWords.Split(line)));

    [Fact]
    public void A_value_may_go_over_several_lines()
    {
        var found = CommandWords.Assignments("# comment\nKUBE_API_ARGS=\"--a=1\n--b=2\"\nexport X='y'\nnonsense\nZ=\n");
        Assert.Equal([("KUBE_API_ARGS", "--a=1\n--b=2"), ("X", "y"), ("Z", "")], found);
    }

    [Fact]
    public void A_quote_that_never_closes_takes_only_its_line() =>
        Assert.Equal([("A", "x"), ("B", "2")], CommandWords.Assignments("A=\"x\nB=2\n"));

    [Fact]
    public void Lines_that_end_in_a_backslash_go_on() =>
        Assert.Equal(["kube-apiserver   --a=1   --b=2", "next"], CommandWords.LogicalLines("kube-apiserver \\\n --a=1 \\\n --b=2\n# no\n\nnext\n"));

    [Fact]
    public void No_text_is_too_odd() => Prop.ForAll<string>(text =>
    {
        text ??= "";
        return CommandWords.Split(text).Count >= 0 && CommandWords.Assignments(text).Count >= 0 && CommandWords.LogicalLines(text).Count() >= 0
            && Sealock.Cluster.Verifying.Rules.OpenSslText.Mistakes(text).Count >= 0;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Words_without_quotes_and_spaces_come_back_as_they_were() => Prop.ForAll(
        Gen.ListOf(Gen.Elements("--a", "b=c", "x", "--long-flag=1,2", "/etc/x")).ToArbitrary(),
        words => CommandWords.Split(string.Join("  ", words)).SequenceEqual(words)).QuickCheckThrowOnFailure();
}
