// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>What Secrets hold, and how they are kept so.</summary>
public sealed class IssuedSecretTests
{
    [Fact]
    public async Task The_secret_says_what_cert_manager_says()
    {
        var (bench, _) = IssuanceBench.Ready("""
            {"commonName": "web", "ipAddresses": ["10.0.0.1"], "uris": ["spiffe://a/b"], "emailAddresses": ["a@example.com"],
             "subject": {"organizations": ["one, two", "three"], "countries": ["CH"], "serialNumber": "7"},
             "secretTemplate": {"labels": {"team": "x"}, "annotations": {"note": "y"}}}
            """);
        using var b = bench;
        await bench.SettleAsync();
        var secret = bench.Secret("web-tls")!;
        Assert.Equal("kubernetes.io/tls", secret["type"]!.GetValue<string>());
        Assert.Null(secret["metadata"]!["ownerReferences"]);
        var expected = new Dictionary<string, string>
        {
            ["cert-manager.io/certificate-name"] = "web",
            ["cert-manager.io/issuer-name"] = "ca",
            ["cert-manager.io/issuer-kind"] = "Issuer",
            ["cert-manager.io/issuer-group"] = "cert-manager.io",
            ["cert-manager.io/common-name"] = "web",
            ["cert-manager.io/alt-names"] = "web.example.com",
            ["cert-manager.io/ip-sans"] = "10.0.0.1",
            ["cert-manager.io/uri-sans"] = "spiffe://a/b",
            ["cert-manager.io/email-sans"] = "a@example.com",
            ["cert-manager.io/subject-organizations"] = "three,\"one, two\"",
            ["cert-manager.io/subject-countries"] = "CH",
            ["cert-manager.io/subject-serialnumber"] = "7",
            ["note"] = "y",
            ["sealock.dev/secret-template"] = "a:note,l:team",
        };
        Assert.Equal(
            expected.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            secret["metadata"]!["annotations"]!.AsObject().ToDictionary(pair => pair.Key, pair => pair.Value!.GetValue<string>())
                .OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal("x", secret["metadata"]!["labels"]!["team"]!.GetValue<string>());
        Assert.Equal("true", secret["metadata"]!["labels"]![WellKnown.Attention]!.GetValue<string>());
    }

    [Fact]
    public async Task A_deleted_secret_comes_back_with_a_new_key()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        await bench.DeleteSecretAsync("web-tls");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(2, bench.Certificate("web").Status.Revision);
    }

    [Theory]
    [InlineData("tls.crt")]
    [InlineData("broken")]
    public async Task A_secret_that_still_has_its_key_gets_its_certificate_back_without_a_new_one(string what)
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        var secret = bench.Secret("web-tls")!;
        if (what == "broken")
            secret["data"]!["tls.crt"] = IssuanceBench.Base64("rubbish");
        else
            secret["data"]!.AsObject().Remove(what);
        secret["data"]!["mine"] = IssuanceBench.Base64("kept");
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
        Assert.True(bench.IsReady("web"));
        Assert.Equal("kept", Encoding.UTF8.GetString(bench.Entry("web-tls", "mine")!));
    }

    [Fact]
    public async Task A_strangers_key_pair_in_the_secret_is_replaced()
    {
        var (bench, ca) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        var other = bench.AddCa("other");
        var secret = bench.Secret("web-tls")!;
        foreach (var entry in (string[])["tls.crt", "tls.key"])
            secret["data"]![entry] = bench.Secret("other-ca")!["data"]![entry]!.DeepClone();
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Null(bench.Leaf("web-tls").RefuseSignature(ca.Certificate.PublicKey));
        Assert.NotNull(bench.Leaf("web-tls").RefuseSignature(other.Certificate.PublicKey));
    }

    [Fact]
    public async Task The_template_of_the_secret_is_kept_in_step_without_a_new_certificate()
    {
        var (bench, _) = IssuanceBench.Ready("""{"secretTemplate": {"labels": {"team": "x"}, "annotations": {"note": "y", "other": "z"}}}""");
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        bench.Change("web", spec => spec["secretTemplate"] = JsonNode.Parse("""{"annotations": {"note": "n"}}"""));
        await bench.SettleAsync();
        var metadata = bench.Secret("web-tls")!["metadata"]!;
        Assert.Equal("n", metadata["annotations"]!["note"]!.GetValue<string>());
        Assert.Null(metadata["annotations"]!["other"]);
        Assert.Null(metadata["labels"]!["team"]);
        Assert.Equal(leaf, bench.Leaf("web-tls"));

        var secret = bench.Secret("web-tls")!;
        secret["metadata"]!["annotations"]!["note"] = "changed by hand";
        bench.PutSecret("web-tls", secret);
        await bench.SettleAsync();
        Assert.Equal("n", bench.Secret("web-tls")!["metadata"]!["annotations"]!["note"]!.GetValue<string>());
        Assert.Equal(1, bench.Certificate("web").Status.Revision);
    }

    [Fact]
    public async Task Further_formats_and_another_encoding_come_and_go_without_a_new_certificate()
    {
        var (bench, _) = IssuanceBench.Ready("""{"additionalOutputFormats": [{"type": "CombinedPEM"}, {"type": "DER"}]}""");
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        byte[] combined = [.. bench.Entry("web-tls", "tls.key")!, (byte)'\n', .. bench.Entry("web-tls", "tls.crt")!];
        Assert.Equal(combined, bench.Entry("web-tls", "tls-combined.pem"));
        Assert.StartsWith("-----BEGIN EC PRIVATE KEY-----", Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!), StringComparison.Ordinal);
        bench.Change("web", spec =>
        {
            spec["additionalOutputFormats"] = JsonNode.Parse("""[{"type": "DER"}]""");
            spec["privateKey"]!["encoding"] = "PKCS8";
        });
        await bench.SettleAsync();
        Assert.Null(bench.Entry("web-tls", "tls-combined.pem"));
        Assert.StartsWith("-----BEGIN PRIVATE KEY-----", Encoding.UTF8.GetString(bench.Entry("web-tls", "tls.key")!), StringComparison.Ordinal);
        using var key = KeyPair.FromPkcs8(bench.Entry("web-tls", "key.der")!);
        Assert.True(leaf.Matches(key));
        Assert.Equal(leaf, bench.Leaf("web-tls"));
    }

    [Fact]
    public async Task A_temporary_certificate_serves_until_the_issuer_has_signed()
    {
        using var bench = new IssuanceBench();
        bench.AddCertificate("web", annotations: """{"cert-manager.io/issue-temporary-certificate": "true"}""");
        await bench.SettleAsync();
        var temporary = bench.Leaf("web-tls");
        Assert.True(temporary.IsSelfIssued);
        Assert.Equal(["web.example.com"], temporary.Names.DnsNames);
        Assert.False(bench.IsReady("web"));
        Assert.Null(bench.Certificate("web").Status.NotAfter);
        bench.AddCa();
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.NotEqual(temporary, bench.Leaf("web-tls"));
        Assert.Null(bench.Secret("web-tls")!["metadata"]!["annotations"]![WellKnown.Temporary]);
    }

    [Fact]
    public async Task Two_certificates_with_one_secret_do_not_fight()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        bench.AddCertificate("rival", """{"secretName": "web-tls"}""");
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(("False", "IncorrectCertificate"), (bench.Condition("rival", "Ready").Status, bench.Condition("rival", "Ready").Reason));
        Assert.Equal(["web-1"], bench.Requests);
    }

    [Fact]
    public async Task A_secret_from_a_backup_is_taken_over_as_it_is()
    {
        var (bench, _) = IssuanceBench.Ready();
        using var b = bench;
        await bench.SettleAsync();
        var leaf = bench.Leaf("web-tls");
        var restored = bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
        restored.Remove("status");
        restored["metadata"]!["uid"] = "another";
        bench.Server.Put($"{IssuanceBench.Api}/certificates/web", restored);
        await bench.SettleAsync();
        Assert.True(bench.IsReady("web"));
        Assert.Equal(leaf, bench.Leaf("web-tls"));
        Assert.Equal(leaf.NotAfter, bench.Certificate("web").Status.NotAfter);
    }
}
