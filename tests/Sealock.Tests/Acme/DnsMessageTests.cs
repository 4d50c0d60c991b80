// SPDX-License-Identifier: Apache-2.0
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Acme.Dns;

namespace Sealock.Tests.Acme;

public sealed class DnsMessageTests
{
    private static readonly byte[] Header = [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0];

    [Theory]
    [InlineData("Example.COM.", "example.com")]
    [InlineData("_acme-challenge.*.example.com", "_acme-challenge.*.example.com")]
    [InlineData(".", "")]
    [InlineData("", "")]
    [InlineData(@"a\.b.example", @"a\046b.example")]
    [InlineData(@"a\000\255.example", @"a\000\255.example")]
    public void A_name_has_one_form(string typed, string expected)
    {
        Assert.Equal(expected, DnsName.Normalize(typed));
        Assert.Equal(expected, DnsName.Normalize(expected));
    }

    [Theory]
    [InlineData("a..b")]
    [InlineData(".a")]
    [InlineData("a b")]
    [InlineData("é.example")]
    [InlineData(@"a\")]
    [InlineData(@"a\25")]
    [InlineData(@"a\999")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234.example")]
    public void What_is_no_name_is_refused(string typed) => Assert.Throws<DnsFormatException>(() => DnsName.Normalize(typed));

    [Fact]
    public void A_name_of_more_than_255_bytes_is_refused() =>
        Assert.Throws<DnsFormatException>(() => DnsName.Normalize(string.Join('.', Enumerable.Repeat("a23456789", 26))));

    [Theory]
    [InlineData("www.example.com", "example.com", true)]
    [InlineData("example.com", "example.com", true)]
    [InlineData("badexample.com", "example.com", false)]
    [InlineData("com", "example.com", false)]
    [InlineData("com", "", true)]
    public void A_name_is_in_a_zone_by_whole_labels(string name, string zone, bool expected) => Assert.Equal(expected, DnsName.IsIn(name, zone));

    [Fact]
    public void A_compressed_answer_is_read()
    {
        // www.example.com CNAME host.example.com, every name after the first one compressed.
        byte[] message =
        [
            .. Header, 3, (byte)'w', (byte)'w', (byte)'w', 7, .. "example"u8, 3, .. "com"u8, 0, 0, 1, 0, 1,
            0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 7, 4, .. "host"u8, 0xc0, 16,
        ];
        var answer = DnsMessage.Parse(message);
        Assert.Equal(new DnsQuestion("www.example.com", DnsType.A), answer.Questions[0]);
        var alias = Assert.Single(answer.Answers);
        Assert.Equal(("www.example.com", DnsType.Cname, 60u, "host.example.com"), (alias.Name, alias.Type, alias.TimeToLive, alias.Target));
    }

    [Theory]
    [InlineData(new byte[] { 0xc0, 12 })] // itself
    [InlineData(new byte[] { 0xc0, 14, 0xc0, 12 })] // each other
    [InlineData(new byte[] { 0xc0, 200 })] // beyond the end
    [InlineData(new byte[] { 1, (byte)'a', 0xc0, 12 })] // back to its own label, for ever longer
    [InlineData(new byte[] { 0x80, 0 })] // an unknown kind of label
    [InlineData(new byte[] { 5, (byte)'a' })] // cut off
    [InlineData(new byte[] { 0xc0 })]
    public void A_name_that_never_ends_is_refused(byte[] name) =>
        Assert.Throws<DnsFormatException>(() => DnsMessage.Parse((byte[])[.. Header, .. name, 0, 1, 0, 1]));

    [Fact]
    public void What_is_written_is_read_again()
    {
        var label = Gen.Elements("a", "b-c", "_x", "*", @"\000", "long-label-of-some-length").ArrayOf();
        var name = label.Where(labels => labels.Length < 8).Select(labels => string.Join('.', labels));
        var records = Gen.Zip(name, Gen.Choose(0, 255).ArrayOf()).Select(pair => new DnsRecord(
            pair.Item1, DnsType.Txt, 1, 300, pair.Item2.Select(value => (byte)value).Take(500).ToArray())).ArrayOf();
        Prop.ForAll(Gen.Zip(name, records).ToArbitrary(), pair =>
        {
            var message = DnsMessage.Query(7, pair.Item1, DnsType.Txt, recursive: true) with { Answers = pair.Item2, IsResponse = true };
            var read = DnsMessage.Parse(message.Write());
            return read.Questions.SequenceEqual(message.Questions) && read.IsResponse && read.Id == 7
                && read.Answers.Select(Shown).SequenceEqual(message.Answers.Select(Shown));
        }).QuickCheckThrowOnFailure();

        static string Shown(DnsRecord record) => $"{record.Name} {record.Type} {record.TimeToLive} {Convert.ToHexString(record.Data.Span)}";
    }

    [Theory]
    [InlineData("hmac-sha256", "hmac-sha256")]
    [InlineData("HMACSHA512", "hmac-sha512")]
    [InlineData("hmac-sha1.", "hmac-sha1")]
    [InlineData("HMACMD5", "hmac-md5.sig-alg.reg.int")]
    public void A_signature_is_verified_by_the_same_key_alone(string typed, string wire)
    {
        var key = new TsigKey("Key.Example.", typed, "c2VjcmV0");
        Assert.Equal(wire, key.Algorithm);
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var request = Tsig.Sign(key, DnsMessage.Update(77, "example.com", new DnsRecord("a.example.com", DnsType.Txt, 1, 60, DnsRecord.TextData("x"))).Write(), now);
        var signature = DnsMessage.Parse(request.Message).Additional[^1];
        Assert.Equal(("key.example", DnsType.Tsig, (ushort)255), (signature.Name, signature.Type, signature.Class));

        // A request is verified as an answer to nothing.
        Assert.Null(Refuse(key, request.Message, now));
        Assert.Null(Refuse(key, request.Message, now.AddSeconds(300)));
        Assert.Contains("another time", Refuse(key, request.Message, now.AddSeconds(301)), StringComparison.Ordinal);
        Assert.Contains("not of the key", Refuse(new("key.example", typed, "c2VjcmV1"), request.Message, now), StringComparison.Ordinal);
        Assert.Contains("not of the key", Refuse(new("other.example", typed, "c2VjcmV0"), request.Message, now), StringComparison.Ordinal);
        Assert.Contains("not signed", Refuse(key, DnsMessage.Query(1, "a", DnsType.A, true).Write(), now), StringComparison.Ordinal);
        for (var i = 0; i < request.Message.Length; i++)
        {
            var changed = request.Message.ToArray();
            changed[i] ^= 1;
            try
            {
                // The identifier is not covered: the one of the signature counts. Letters of names are compared without case only.
                if (i > 1)
                    Assert.NotNull(Refuse(key, changed, now));
            }
            catch (DnsFormatException)
            {
                // Refused even sooner.
            }
        }

        static string? Refuse(TsigKey key, byte[] message, DateTimeOffset now) => Tsig.Refuse(key, [], message, DnsMessage.Parse(message), now);
    }

    [Theory]
    [InlineData("k", "hmac-sha3", "c2VjcmV0", "no TSIG algorithm")]
    [InlineData("k", "hmac-sha256", "not base64", "base64")]
    [InlineData("k", "hmac-sha256", "", "empty")]
    [InlineData("a..b", "hmac-sha256", "c2VjcmV0", "label")]
    public void A_key_that_is_none_is_refused_without_its_secret(string name, string algorithm, string secret, string expected)
    {
        var refusal = Assert.Throws<DnsFormatException>(() => new TsigKey(name, algorithm, secret));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("c2VjcmV0", refusal.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Long_texts_are_written_in_parts()
    {
        var text = new string('a', 255) + new string('b', 100);
        var record = new DnsRecord("a", DnsType.Txt, 1, 60, DnsRecord.TextData(text));
        Assert.Equal(357, record.Data.Length);
        Assert.Equal(text, record.Text);
        Assert.Null((record with { Data = record.Data[..300] }).Text);
        Assert.Equal("c", Encoding.Latin1.GetString(DnsRecord.TextData("c")[1..]));
    }
}
