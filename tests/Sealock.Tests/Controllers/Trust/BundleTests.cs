// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Trust;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Trust;

public sealed class BundleTests
{
    private const string ToConfigMaps = """ "target": {"configMap": {"key": "ca.crt"}} """;

    [Fact]
    public async Task Certificates_of_all_sources_are_published_once_each_in_every_namespace()
    {
        var bench = new BundleBench();
        var (one, two, three) = (bench.NewCa("one"), bench.NewCa("two"), bench.NewCa("three"));
        bench.AddNamespace("a");
        bench.AddNamespace("b");
        bench.AddConfigMap("first", ("ca", $"a word\n{Pem(one)}\n{Pem(one)}"));
        bench.AddSecret("second", "Opaque", ("x", Pem(two)), ("y", Pem(one)));
        bench.AddBundle($$"""
            {"sources": [{"configMap": {"name": "first", "key": "ca"} }, {"secret": {"name": "second", "includeAllKeys": true} },
             {"inLine": {{JsonValue.Create(Pem(three)).ToJsonString()}} }, {"useDefaultCAs": false}], {{ToConfigMaps}} }
            """);
        await bench.SettleAsync();
        Assert.Equal(("True", "Synced", "Successfully synced Bundle to all namespaces"), bench.Synced());
        foreach (var ns in (string[])["a", "b"])
        {
            Assert.Equal([one.Certificate, two.Certificate, three.Certificate], bench.Published(ns));
            var metadata = bench.ConfigMap(ns)!["metadata"]!;
            Assert.Equal("b", metadata["labels"]!["trust.cert-manager.io/bundle"]!.GetValue<string>());
            Assert.Matches("^[0-9a-f]{64}$", metadata["annotations"]!["trust.cert-manager.io/hash"]!.GetValue<string>());
            var owner = Assert.Single(metadata["ownerReferences"]!.AsArray())!;
            Assert.Equal(("Bundle", bench.Bundle()!.Metadata.Uid, true), (owner["kind"]!.GetValue<string>(), owner["uid"]!.GetValue<string>(), owner["controller"]!.GetValue<bool>()));
        }
    }

    public static TheoryData<string, string, string> Refused => new()
    {
        { """{"configMap": {"name": "none", "key": "ca"}}""", "SourceNotFound", "there is no ConfigMap trust/none" },
        { """{"configMap": {"name": "words", "key": "other"}}""", "SourceNotFound", "no data found in ConfigMap trust/words at key \"other\"" },
        { """{"configMap": {"name": "words", "key": "ca"}}""", "SourceBuildError", "it holds no certificate" },
        { """{"secret": {"name": "tls", "includeAllKeys": true}}""", "SourceBuildError", "private key" },
        { """{"secret": {"name": "tls", "key": "tls.key"}}""", "SourceBuildError", "only certificates may be published" },
        { """{"useDefaultCAs": true}""", "SourceNotFound", "ca-certificates" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task A_source_that_is_missing_or_wrong_is_told_and_nothing_is_published(string source, string reason, string message)
    {
        var bench = new BundleBench();
        bench.AddNamespace("a");
        bench.AddConfigMap("words", ("ca", "no certificate"));
        bench.AddSecret("tls", "kubernetes.io/tls", ("tls.crt", Pem(bench.NewCa())), ("tls.key", KeyPair.Generate().ToPkcs8Pem()));
        bench.AddBundle($$"""{"sources": [{{source}}], {{ToConfigMaps}} }""");
        await bench.SettleAsync();
        Assert.Equal(("False", reason), (bench.Synced().Status, bench.Synced().Reason));
        Assert.Contains(message, bench.Synced().Message, StringComparison.Ordinal);
        Assert.Null(bench.ConfigMap("a"));
    }

    [Fact]
    public async Task What_is_changed_by_hand_is_put_right_and_what_others_add_stays()
    {
        var (bench, ca) = await PublishedAsync();
        var map = bench.ConfigMap("a")!;
        map["data"]!["ca.crt"] = "gone";
        map["data"]!["theirs"] = "stays";
        map["metadata"]!["labels"]!.AsObject().Add("their", "label");
        bench.Server.Put("/api/v1/namespaces/a/configmaps/b", map);
        await bench.SettleAsync();
        Assert.Equal([ca.Certificate], bench.Published("a"));
        Assert.Equal("stays", bench.ConfigMap("a")!["data"]!["theirs"]!.GetValue<string>());
        Assert.Equal("label", bench.ConfigMap("a")!["metadata"]!["labels"]!["their"]!.GetValue<string>());

        // Also where the label is gone, by which it is followed.
        map = bench.ConfigMap("a")!;
        map["metadata"]!["labels"]!.AsObject().Clear();
        map["data"]!["ca.crt"] = "gone";
        bench.Server.Put("/api/v1/namespaces/a/configmaps/b", map);
        await bench.SettleAsync();
        Assert.Equal([ca.Certificate], bench.Published("a"));
    }

    [Fact]
    public async Task It_goes_from_namespaces_that_are_no_longer_selected_but_not_what_others_added()
    {
        var (bench, _) = await PublishedAsync();
        var map = bench.ConfigMap("b")!;
        map["data"]!["theirs"] = "stays";
        bench.Server.Put("/api/v1/namespaces/b/configmaps/b", map);
        var bundle = bench.Server.Find("/apis/trust.cert-manager.io/v1alpha1/bundles/b")!;
        bundle["spec"]!["target"]!["namespaceSelector"] = BundleBench.Parse("""{"matchLabels": {"trusted": "yes"}}""");
        bench.Server.Put("/apis/trust.cert-manager.io/v1alpha1/bundles/b", bundle);
        bench.AddNamespace("c", """{"trusted": "yes"}""");
        await bench.SettleAsync();
        Assert.Null(bench.ConfigMap("a"));
        Assert.NotNull(bench.ConfigMap("c"));
        Assert.Equal(["theirs"], bench.ConfigMap("b")!["data"]!.AsObject().Select(entry => entry.Key));
        Assert.Contains("trusted=yes", bench.Synced().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_strangers_object_of_the_same_name_is_left_alone_and_told_of()
    {
        var bench = new BundleBench();
        bench.AddNamespace("a");
        bench.AddNamespace("b");
        bench.Server.Put("/api/v1/namespaces/a/configmaps/b", BundleBench.Parse("""{"metadata": {}, "data": {"ca.crt": "theirs"}}"""));
        bench.AddBundle($$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(bench.NewCa())).ToJsonString()}} }], {{ToConfigMaps}} }""");
        await bench.SettleAsync();
        Assert.Equal("theirs", bench.ConfigMap("a")!["data"]!["ca.crt"]!.GetValue<string>());
        Assert.Equal(("False", "SyncConfigMapTargetFailed"), (bench.Synced().Status, bench.Synced().Reason));
        Assert.NotNull(bench.ConfigMap("b"));
    }

    [Fact]
    public async Task Truststores_stand_beside_the_PEM_and_are_not_written_again_without_need()
    {
        var bench = new BundleBench();
        var ca = bench.NewCa();
        bench.AddNamespace("a");
        bench.AddBundle($$"""
            {"sources": [{"inLine": {{JsonValue.Create(Pem(ca)).ToJsonString()}} }],
             "target": {"configMap": {"key": "ca.crt"}, "secret": {"key": "ca.pem"},
              "additionalFormats": {"jks": {"key": "t.jks", "password": "changeit"}, "pkcs12": {"key": "t.p12", "password": "word", "profile": "Modern2023"} } } }
            """);
        await bench.SettleAsync();
        var map = bench.ConfigMap("a")!;
        var secret = bench.Server.Find("/api/v1/namespaces/a/secrets/b")!["data"]!.AsObject();
        Assert.Equal(["ca.pem", "t.jks", "t.p12"], secret.Select(entry => entry.Key).Order());
        Assert.Equal(["t.jks", "t.p12"], map["binaryData"]!.AsObject().Select(entry => entry.Key).Order());
        Assert.Equal([0xFE, 0xED, 0xFE, 0xED], Convert.FromBase64String(secret["t.jks"]!.GetValue<string>())[..4]);
        map["binaryData"]!["t.p12"] = "AAAA";
        bench.Server.Put("/api/v1/namespaces/a/configmaps/b", map);
        await bench.SettleAsync();
        Assert.NotEqual("AAAA", bench.ConfigMap("a")!["binaryData"]!["t.p12"]!.GetValue<string>());
    }

    [Fact]
    public async Task Expired_certificates_are_left_out_where_that_is_wanted()
    {
        foreach (var filters in (bool[])[false, true])
        {
            var bench = new BundleBench(new TrustOptions { FiltersExpired = filters });
            var (old, current) = (bench.NewCa("old", TimeSpan.FromDays(1)), bench.NewCa("current"));
            bench.Time.Advance(TimeSpan.FromDays(2));
            bench.AddNamespace("a");
            bench.AddBundle($$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(old) + Pem(current)).ToJsonString()}} }], {{ToConfigMaps}} }""");
            await bench.SettleAsync();
            Assert.Equal(filters ? [current.Certificate] : [old.Certificate, current.Certificate], bench.Published("a"));
        }
    }

    [Fact]
    public async Task It_is_looked_at_again_when_the_first_certificate_that_is_to_be_left_out_then_expires()
    {
        var bench = new BundleBench(new TrustOptions { FiltersExpired = true });
        var (brief, lasting) = (bench.NewCa("brief", TimeSpan.FromDays(1)), bench.NewCa("lasting", TimeSpan.FromDays(9)));
        bench.AddNamespace("a");
        bench.AddBundle($$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(brief) + Pem(lasting)).ToJsonString()}} }], {{ToConfigMaps}} }""");
        var outcome = await bench.SettleAsync();
        bench.Time.Advance(outcome.LookAgainAfter!.Value);
        outcome = await bench.SettleAsync();
        Assert.Equal([lasting.Certificate], bench.Published("a"));
        Assert.InRange(outcome.LookAgainAfter!.Value, TimeSpan.FromDays(7.9), TimeSpan.FromDays(8.1));
    }

    [Fact]
    public async Task A_ClusterTrustBundle_that_cannot_be_written_is_tried_again()
    {
        var bench = new BundleBench();
        bench.Server.Put("/apis/certificates.k8s.io/v1/clustertrustbundles/taken", BundleBench.Parse("""{"metadata": {"name": "taken"}, "spec": {"trustBundle": ""} }"""));
        bench.AddBundle(
            $$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(bench.NewCa())).ToJsonString()}} }], "target": {} }""",
            annotations: """{"sealock.dev/cluster-trust-bundle": "taken"}""");
        Assert.NotNull((await bench.SettleAsync()).Retry);
        Assert.Equal("SyncClusterTrustBundleFailed", bench.Synced().Reason);
    }

    [Fact]
    public async Task It_is_published_as_a_ClusterTrustBundle_where_that_is_asked_for()
    {
        var bench = new BundleBench();
        var ca = bench.NewCa();
        bench.AddBundle(
            $$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(ca)).ToJsonString()}} }], "target": {} }""",
            annotations: """{"sealock.dev/cluster-trust-bundle": "everybody"}""");
        await bench.SettleAsync();
        var published = bench.Server.Find("/apis/certificates.k8s.io/v1/clustertrustbundles/everybody")!;
        Assert.Equal(Pem(ca), published["spec"]!["trustBundle"]!.GetValue<string>());
        Assert.Equal("True", bench.Synced().Status);

        var bundle = bench.Server.Find("/apis/trust.cert-manager.io/v1alpha1/bundles/b")!;
        bundle["metadata"]!.AsObject().Remove("annotations");
        bench.Server.Put("/apis/trust.cert-manager.io/v1alpha1/bundles/b", bundle);
        await bench.SettleAsync();
        Assert.Null(bench.Server.Find("/apis/certificates.k8s.io/v1/clustertrustbundles/everybody"));
    }

    [Theory]
    [InlineData("tls.crt")]
    [InlineData("ca.crt")]
    public async Task While_an_issuers_CA_is_replaced_both_belong_to_the_Bundle_and_before_that_is_recorded_the_old_one_alone(string key)
    {
        using var issuance = new IssuanceBench();
        issuance.KeepAuthorities();
        var old = issuance.AddCa();
        await issuance.SettleAsync();
        var bench = new BundleBench();
        bench.Records.Add(("ca-ca", () => issuance.Record()!));
        bench.AddNamespace("a");
        bench.AddBundle($$"""{"sources": [{"secret": {"name": "ca-ca", "key": "{{key}}"} }], {{ToConfigMaps}} }""");
        var pair = KeyPair.Generate();
        var @new = CertificateAuthority.CreateRoot("ca", pair, bench.Time.GetUtcNow());
        Copy();
        await bench.SettleAsync();
        Assert.Equal([old.Certificate], bench.Published("a"));

        issuance.PutPair("ca-ca", Pem(@new), pair.ToPkcs8Pem(), caPem: Pem(@new));
        Copy();
        await bench.SettleAsync();
        Assert.Equal([old.Certificate], bench.Published("a"));

        await issuance.SettleAsync();
        await bench.SettleAsync();
        Assert.Equal(2, bench.Published("a").Count);
        Assert.Contains(old.Certificate, bench.Published("a"));
        Assert.Contains(@new.Certificate, bench.Published("a"));

        for (var day = 0; day < 3; day++)
        {
            issuance.Time.Advance(TimeSpan.FromDays(1));
            await issuance.SettleAsync();
        }

        await bench.SettleAsync();
        Assert.Equal([@new.Certificate], bench.Published("a"));

        void Copy()
        {
            var secret = issuance.Secret("ca-ca")!;
            secret["data"]!["ca.crt"] ??= secret["data"]!["tls.crt"]!.DeepClone();
            bench.Server.Put("/api/v1/namespaces/trust/secrets/ca-ca", secret);
        }
    }

    private static async Task<(BundleBench Bench, CertificateAuthority Ca)> PublishedAsync()
    {
        var bench = new BundleBench();
        var ca = bench.NewCa();
        bench.AddNamespace("a");
        bench.AddNamespace("b");
        bench.AddBundle($$"""{"sources": [{"inLine": {{JsonValue.Create(Pem(ca)).ToJsonString()}} }], {{ToConfigMaps}} }""");
        await bench.SettleAsync();
        Assert.NotNull(bench.ConfigMap("b"));
        return (bench, ca);
    }

    private static string Pem(CertificateAuthority ca) => ca.Certificate.ToPem();
}
