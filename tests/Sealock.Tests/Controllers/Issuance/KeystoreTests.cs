// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Keystores;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class KeystoreTests
{
    private const string Password = "pässword";

    private static readonly KeyPair LeafKey = KeyPair.Generate();
    private static readonly CertificateAuthority Ca = SigningBench.NewCa("keystore test", TimeProvider.System.GetUtcNow());

    private static readonly Certificate Leaf = Ca.Issue(new IssuanceRequest
    {
        Subject = DistinguishedName.Create("leaf"),
        PublicKey = LeafKey.PublicKey,
        Profile = CertificateProfile.Server,
    }, TimeProvider.System.GetUtcNow()).Require();

    public static TheoryData<string> Profiles => ["LegacyRC2", "LegacyDES", "Modern2023", "Modern2026"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_pkcs12_keystore_is_read_by_our_own_reader(string profile)
    {
        var store = Pkcs12Writer.WriteKeystore(LeafKey, [Leaf, Ca.Certificate], Password, Pkcs12Profile.Named(profile));
        var contents = ContentReader.Read(store, Password, new ContentLimits()).Contents;
        Assert.Equal([Leaf, Ca.Certificate], contents.OfType<CertificateContent>().Select(content => content.Certificate));
        Assert.Single(contents.OfType<PrivateKeyContent>());
    }

    [Theory]
    [InlineData("LegacyDES")]
    [InlineData("Modern2023")]
    public async Task Openssl_reads_a_pkcs12_keystore_and_truststore(string profile)
    {
        var store = Pkcs12Writer.WriteKeystore(LeafKey, [Leaf, Ca.Certificate], "password", Pkcs12Profile.Named(profile));
        var text = await OpensslAsync(store, "-nodes");
        Assert.Contains(Convert.ToBase64String(Leaf.Der.Span)[..40], text.Replace("\n", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("PRIVATE KEY", text, StringComparison.Ordinal);
        var trust = await OpensslAsync(Pkcs12Writer.WriteTruststore([Ca.Certificate], "password", Pkcs12Profile.Named(profile)), "-nokeys");
        Assert.Contains("CN=keystore test", trust, StringComparison.Ordinal);
        Assert.Contains("2.16.840.1.113894.746875.1.1", trust, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_CAs_of_one_name_have_names_of_their_own_in_a_truststore()
    {
        var successor = SigningBench.NewCa("keystore test", TimeProvider.System.GetUtcNow());
        var text = await OpensslAsync(
            Pkcs12Writer.WriteTruststore([Ca.Certificate, successor.Certificate], "password", Pkcs12Profile.Modern2023), "-nokeys");
        var names = text.Split('\n').Where(line => line.Contains("friendlyName", StringComparison.Ordinal)).ToList();
        Assert.Equal(2, names.Count);
        Assert.Equal(2, names.Distinct().Count());
    }

    [Fact]
    public async Task A_truststore_without_a_password_is_open_to_everybody()
    {
        var store = Pkcs12Writer.WriteOpenTruststore([Ca.Certificate]);
        Assert.Equal([Ca.Certificate], ContentReader.Read(store, null, new ContentLimits()).Contents.OfType<CertificateContent>().Select(content => content.Certificate));
        Assert.Contains("CN=keystore test", await OpensslAsync(store, "-nomacver"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_legacy_profile_is_what_unnamed_means() =>
        Assert.Equal(["LegacyRC2", "LegacyRC2", "Modern2026"], ((string[])["", "unheard of", "Modern2026"]).Select(name => Pkcs12Profile.Named(name).Name));

    [Fact]
    public void A_jks_store_has_its_magic_entries_and_seal()
    {
        var store = JksWriter.WriteKeystore("certificate", LeafKey, [Leaf, Ca.Certificate], "changeit", Leaf.NotBefore);
        Assert.Equal([0xFE, 0xED, 0xFE, 0xED, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 11], store[..18]);
        Assert.Equal("certificate", Encoding.UTF8.GetString(store.AsSpan(18, 11)));
        Assert.True(store.AsSpan().IndexOf(Leaf.Der.Span) > 0);
        Assert.True(store.AsSpan().IndexOf(Ca.Certificate.Der.Span) > store.AsSpan().IndexOf(Leaf.Der.Span));
        using var key = KeyPair.FromPkcs8(Unprotect(store, "changeit"));
        Assert.Equal(LeafKey.PublicKey, key.PublicKey);
        byte[] sealed_ = [.. Encoding.BigEndianUnicode.GetBytes("changeit"), .. "Mighty Aphrodite"u8, .. store.AsSpan(0, store.Length - 20)];
        Assert.Equal(Sha1(sealed_), store[^20..]);
    }

    /// <summary>The key protector undone, as Java describes it: a chain of hashes is the key stream.</summary>
    private static byte[] Unprotect(byte[] store, string password)
    {
        var at = 18 + 11 + 8;
        var length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(store.AsSpan(at));
        var reader = new System.Formats.Asn1.AsnReader(store.AsMemory(at + 4, length), System.Formats.Asn1.AsnEncodingRules.DER).ReadSequence();
        reader.ReadSequence();
        var blob = reader.ReadOctetString();
        var secret = Encoding.BigEndianUnicode.GetBytes(password);
        var link = blob[..20];
        var plain = new byte[blob.Length - 40];
        for (var i = 0; i < plain.Length; i++)
        {
            if (i % 20 == 0)
                link = Sha1([.. secret, .. link]);
            plain[i] = (byte)(blob[20 + i] ^ link[i % 20]);
        }

        Assert.Equal(Sha1([.. secret, .. plain]), blob[^20..]);
        return plain;
    }

    [Fact]
    public async Task Certificates_get_their_keystores_and_lose_them_again()
    {
        using var bench = new IssuanceBench();
        bench.AddCa();
        bench.AddCertificate("web", """
            {"keystores": {"pkcs12": {"create": true, "profile": "Modern2023", "passwordSecretRef": {"name": "password", "key": "p"}},
                           "jks": {"create": true, "password": "changeit"}}}
            """);
        await bench.SettleAsync();
        Assert.Equal(("False", "KeystoreIncomplete"), (bench.Condition("web", "Ready").Status, bench.Condition("web", "Ready").Reason));
        Assert.Contains("the Secret password has no password in its entry p, or does not exist", bench.Condition("web", "Ready").Message, StringComparison.Ordinal);
        Assert.Null(bench.Entry("web-tls", "keystore.p12"));
        Assert.NotNull(bench.Entry("web-tls", "keystore.jks"));
        Assert.NotNull(bench.Entry("web-tls", "truststore.jks"));

        bench.PutSecret("password", IssuanceBench.Parse($$"""{"metadata": {}, "data": {"p": "{{IssuanceBench.Base64("secret")}}"} }"""));
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        var contents = ContentReader.Read(bench.Entry("web-tls", "keystore.p12")!, "secret", new ContentLimits()).Contents;
        Assert.Equal(bench.Leaf("web-tls"), contents.OfType<CertificateContent>().First().Certificate);
        Assert.NotNull(bench.Entry("web-tls", "truststore.p12"));
        Assert.True(bench.IsReady("web"));

        bench.Change("web", spec => spec.Remove("keystores"));
        await bench.SettleAsync();
        Assert.All(["keystore.p12", "truststore.p12", "keystore.jks", "truststore.jks"], entry => Assert.Null(bench.Entry("web-tls", entry)));
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
    }

    [Theory]
    // A Secret that is followed is seen to change; another is read when the next certificate is issued.
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_keystore_follows_its_password_and_outlives_its_loss(bool isFollowed)
    {
        using var bench = new IssuanceBench();
        bench.AddCa();
        PutPassword("first");
        bench.AddCertificate("web", """{"keystores": {"pkcs12": {"create": true, "profile": "Modern2023", "passwordSecretRef": {"name": "password"}}}}""");
        await bench.SettleAsync();
        Assert.Equal(bench.Leaf("web-tls"), LeafIn("first"));

        PutPassword("second");
        await bench.SettleAsync();
        Assert.Equal(bench.Leaf("web-tls"), LeafIn(isFollowed ? "second" : "first"));

        await bench.DeleteSecretAsync("password");
        var old = bench.Leaf("web-tls");
        bench.Time.Advance(TimeSpan.FromDays(61));
        await bench.SettleAsync();
        Assert.NotEqual(old, bench.Leaf("web-tls"));
        Assert.Equal(old, LeafIn(isFollowed ? "second" : "first"));
        Assert.Equal("KeystoreIncomplete", bench.Condition("web", "Ready").Reason);

        PutPassword("third");
        bench.Time.Advance(TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        Assert.Equal(bench.Leaf("web-tls"), LeafIn("third"));
        Assert.True(bench.IsReady("web"));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);

        void PutPassword(string password) => bench.PutSecret("password", IssuanceBench.Parse($$"""
            {"metadata": {"labels": { {{(isFollowed ? "\"controller.cert-manager.io/fao\": \"true\"" : "")}} } }, "data": {"password": "{{IssuanceBench.Base64(password)}}"} }
            """));

        Certificate LeafIn(string password) => ContentReader.Read(bench.Entry("web-tls", "keystore.p12")!, password, new ContentLimits())
            .Contents.OfType<CertificateContent>().First().Certificate;
    }

    [Fact]
    public async Task A_password_in_the_Secret_itself_does_not_have_it_written_again_and_again()
    {
        using var bench = new IssuanceBench();
        bench.AddCa();
        bench.PutSecret("web-tls", IssuanceBench.Parse($$"""{"metadata": {}, "data": {"p": "{{IssuanceBench.Base64("secret")}}"} }"""));
        bench.AddCertificate("web", """{"keystores": {"pkcs12": {"create": true, "profile": "Modern2023", "passwordSecretRef": {"name": "web-tls", "key": "p"}}}}""");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        var store = bench.Entry("web-tls", "keystore.p12");
        Assert.NotNull(store);
        bench.Time.Advance(TimeSpan.FromMinutes(5));
        await bench.SettleAsync();
        Assert.Equal(store, bench.Entry("web-tls", "keystore.p12"));
    }

    private static async Task<string> OpensslAsync(byte[] store, string option)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllBytesAsync(file, store);
            using var process = Process.Start(new ProcessStartInfo("openssl", ["pkcs12", "-in", file, "-passin", "pass:password", option])
            {
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var error = process.StandardError.ReadToEndAsync();
            var output = await process.StandardOutput.ReadToEndAsync();
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, await error);
            return output.Replace("CN = ", "CN=", StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

#pragma warning disable CA5350 // The format that is checked knows no other.
    private static byte[] Sha1(byte[] content) => System.Security.Cryptography.SHA1.HashData(content);
#pragma warning restore CA5350
}
