// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki;
using Sealock.Pki.Pem;

namespace Sealock.Tests.Pki;

public sealed class PemTests
{
    private const string One = "-----BEGIN A-----\nAQID\n-----END A-----\n";

    public static TheoryData<string, string, bool> Documents => new()
    {
        { "one block", One, false },
        { "carriage returns", One.Replace("\n", "\r\n", StringComparison.Ordinal), false },
        { "spaces inside and after", "-----BEGIN A-----  \n A QI\tD \n\n-----END A----- \n\n", false },
        { "no newline at the end", One.TrimEnd(), false },
        { "text before", "Certificate:\n  Data\n" + One, true },
        { "text after", One + "junk", true },
        { "a broken block before", "-----BEGIN A-----\n!!!!\n-----END A-----\n" + One, true },
        { "an unfinished block before", "-----BEGIN A-----\nAQID\n" + One, true },
        { "labels that differ before", "-----BEGIN A-----\nAQID\n-----END B-----\n" + One, true },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void One_block_is_found(string name, string text, bool textOutside)
    {
        var document = PemDocument.Parse(text);
        Assert.True(document.Blocks.Count == 1, name);
        Assert.Equal("A", document.Blocks[0].Label);
        Assert.Equal([1, 2, 3], document.Blocks[0].Content.ToArray());
        Assert.Equal(textOutside, document.HasTextOutsideBlocks);
    }

    [Fact]
    public void Headers_are_reported()
    {
        var document = PemDocument.Parse("-----BEGIN A-----\nX-Y: z\nB:c\n\nAQID\n-----END A-----\n");
        Assert.Equal([new("X-Y", "z"), new("B", "c")], document.Blocks[0].Headers);
        Assert.Throws<PkiFormatException>(() => document.Single("A"));
    }

    [Fact]
    public void An_empty_block_is_a_block() =>
        Assert.Equal(0, PemDocument.Parse("-----BEGIN A-----\n-----END A-----\n").Single("A").Content.Length);

    [Fact]
    public void Limits_are_kept()
    {
        var text = Encoding.ASCII.GetBytes(One + One);
        Assert.Throws<PkiFormatException>(() => PemDocument.Parse(text, new(10, 5)));
        Assert.Throws<PkiFormatException>(() => PemDocument.Parse(text, new(1000, 1)));
        Assert.Equal(2, PemDocument.Parse(text, new(1000, 2)).Blocks.Count);
    }

    [Fact]
    public void Messages_say_what_was_expected_and_found()
    {
        var e = Assert.Throws<PkiFormatException>(() => PemDocument.Parse(One).AllOf("CERTIFICATE"));
        Assert.Equal("expected a PEM block of type CERTIFICATE, found A", e.Message);
        Assert.EndsWith("found none", Assert.Throws<PkiFormatException>(() => PemDocument.Parse("").First("A")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Many_beginnings_without_an_end_take_linear_time()
    {
        var text = new StringBuilder();
        while (text.Length < 1_900_000)
            text.Append("-----BEGIN A-----\n");
        var bytes = Encoding.ASCII.GetBytes(text.ToString());
        Assert.Empty(PemDocument.Parse(bytes).Blocks);
        var ended = Encoding.ASCII.GetBytes(text + "-----END A-----\n");
        Assert.Single(PemDocument.Parse(ended).Blocks);
    }
}
