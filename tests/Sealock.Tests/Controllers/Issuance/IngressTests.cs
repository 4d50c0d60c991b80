// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Ingresses;
using Sealock.Controllers.Views;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class IngressTests
{
    private const string Certificates = "/apis/cert-manager.io/v1/namespaces/ns/certificates";

    private readonly MemoryApiServer _server = new();
    private IssuanceOptions _options = new();

    private static IngressView Ingress(string annotations, string tls) => JsonSerializer.Deserialize(
        $$"""
        {"metadata": {"name": "shop", "namespace": "ns", "uid": "u1", "labels": {"app": "shop"}, "annotations": {{annotations}} }, "spec": {"tls": {{tls}} } }
        """, IssuanceJson.Default.IngressView)!;

    private async Task LookAsync(IngressView ingress)
    {
        var reconciler = new IngressReconciler(
            new ApiClient(_server),
            owner => [.. _server.Paths(Certificates).Select(path => _server.Find(path)!.Deserialize(IssuanceJson.Default.CertificateView)!)
                .Where(certificate => certificate.Metadata.OwnerReferences.Any(reference => reference.Uid == owner.Metadata.Uid))],
            _options, null);
        await reconciler.ReconcileAsync(ingress, default);
    }

    private JsonObject? Spec(string name) => _server.Find($"{Certificates}/{name}")?["spec"]?.AsObject();

    [Fact]
    public async Task Each_tls_entry_of_an_annotated_ingress_gets_its_certificate()
    {
        await LookAsync(Ingress(
            """{"cert-manager.io/cluster-issuer": "letsencrypt"}""",
            """[{"hosts": ["shop.example.com", "10.0.0.1"], "secretName": "shop-tls"}, {"hosts": ["b.example.com"], "secretName": "b-tls"}]"""));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"secretName": "shop-tls", "issuerRef": {"name": "letsencrypt", "kind": "ClusterIssuer", "group": "cert-manager.io"},
             "usages": ["digital signature", "key encipherment"], "dnsNames": ["shop.example.com"], "ipAddresses": ["10.0.0.1"]}
            """), Spec("shop-tls")), Spec("shop-tls")!.ToJsonString());
        Assert.NotNull(Spec("b-tls"));
        var metadata = _server.Find($"{Certificates}/shop-tls")!["metadata"]!;
        Assert.Equal(("Ingress", "u1"), (metadata["ownerReferences"]![0]!["kind"]!.GetValue<string>(), metadata["ownerReferences"]![0]!["uid"]!.GetValue<string>()));
        Assert.Equal("shop", metadata["labels"]!["app"]!.GetValue<string>());
    }

    [Fact]
    public async Task Its_annotations_become_the_specification_and_go_from_it_again()
    {
        const string tls = """[{"hosts": ["shop.example.com"], "secretName": "shop-tls"}]""";
        await LookAsync(Ingress("""
            {"cert-manager.io/issuer": "ca", "cert-manager.io/issuer-kind": "AWSPCAIssuer", "cert-manager.io/issuer-group": "awspca.cert-manager.io",
             "cert-manager.io/common-name": "shop", "cert-manager.io/email-sans": "a@b.c", "cert-manager.io/subject-organizations": "\"one, two\",three",
             "cert-manager.io/subject-serialnumber": "7", "cert-manager.io/duration": "48h", "cert-manager.io/renew-before": "12h",
             "cert-manager.io/usages": "server auth, client auth", "cert-manager.io/revision-history-limit": "3",
             "cert-manager.io/private-key-algorithm": "ECDSA", "cert-manager.io/private-key-size": "384", "cert-manager.io/private-key-encoding": "PKCS8",
             "cert-manager.io/private-key-rotation-policy": "Never", "cert-manager.io/secret-template": "{\"labels\": {\"a\": \"b\"}}",
             "acme.cert-manager.io/http01-edit-in-place": "true"}
            """, tls));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse("""
            {"secretName": "shop-tls", "issuerRef": {"name": "ca", "kind": "AWSPCAIssuer", "group": "awspca.cert-manager.io"},
             "usages": ["server auth", "client auth"], "dnsNames": ["shop.example.com"], "commonName": "shop", "emailAddresses": ["a@b.c"],
             "subject": {"organizations": ["one, two", "three"], "serialNumber": "7"}, "duration": "48h", "renewBefore": "12h",
             "revisionHistoryLimit": 3, "privateKey": {"algorithm": "ECDSA", "encoding": "PKCS8", "rotationPolicy": "Never", "size": 384},
             "secretTemplate": {"labels": {"a": "b"}}}
            """), Spec("shop-tls")), Spec("shop-tls")!.ToJsonString());
        var annotations = _server.Find($"{Certificates}/shop-tls")!["metadata"]!["annotations"]!;
        Assert.Equal("shop", annotations["acme.cert-manager.io/http01-override-ingress-name"]!.GetValue<string>());
        Assert.Equal("true", annotations[WellKnown.IssueTemporary]!.GetValue<string>());

        await LookAsync(Ingress("""{"cert-manager.io/issuer": "ca"}""", tls));
        Assert.Equal(["dnsNames", "issuerRef", "secretName", "usages"], Spec("shop-tls")!.Select(field => field.Key).Order(StringComparer.Ordinal));
        Assert.Equal("Issuer", Spec("shop-tls")!["issuerRef"]!["kind"]!.GetValue<string>());
        _server.Writes.Clear();
        await LookAsync(Ingress("""{"cert-manager.io/issuer": "ca"}""", tls));
        Assert.Empty(_server.Writes);
    }

    [Fact]
    public async Task An_entry_that_goes_takes_its_certificate_with_it_and_a_strangers_stays()
    {
        _server.Put($"{Certificates}/theirs", IssuanceBench.Parse("""{"metadata": {}, "spec": {"secretName": "theirs", "dnsNames": ["x"]}}"""));
        const string issuer = """{"cert-manager.io/issuer": "ca"}""";
        await LookAsync(Ingress(issuer, """[{"hosts": ["a"], "secretName": "a"}, {"hosts": ["b"], "secretName": "theirs"}]"""));
        Assert.Equal("x", Spec("theirs")!["dnsNames"]![0]!.GetValue<string>());
        await LookAsync(Ingress(issuer, """[]"""));
        Assert.Null(Spec("a"));
        Assert.NotNull(Spec("theirs"));
    }

    [Theory]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/cluster-issuer": "b"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/duration": "long"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/usages": "flying"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/private-key-algorithm": "DSA"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/revision-history-limit": "0"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/secret-template": "{\"annotations\": {\"cert-manager.io/x\": \"y\"}}"}""")]
    [InlineData("""{"cert-manager.io/issuer": "a", "cert-manager.io/subject-countries": "\"CH"}""")]
    [InlineData("""{"kubernetes.io/tls-acme": "true"}""")]
    [InlineData("{}")]
    public async Task Annotations_that_are_not_understood_or_not_there_make_nothing(string annotations)
    {
        await LookAsync(Ingress(annotations, """[{"hosts": ["a"], "secretName": "a"}]"""));
        Assert.Empty(_server.Writes);
    }

    [Fact]
    public async Task Who_asks_for_the_default_issuer_gets_it()
    {
        _options = new() { DefaultIssuerName = "letsencrypt", DefaultIssuerKind = "ClusterIssuer" };
        await LookAsync(Ingress("""{"kubernetes.io/tls-acme": "true"}""", """[{"hosts": ["a"], "secretName": "a"}]"""));
        Assert.Equal("letsencrypt", Spec("a")!["issuerRef"]!["name"]!.GetValue<string>());
    }

    [Fact]
    public async Task Two_entries_with_one_secret_are_refused()
    {
        await LookAsync(Ingress(
            """{"cert-manager.io/issuer": "ca"}""", """[{"hosts": ["a"], "secretName": "x"}, {"hosts": ["b"], "secretName": "x"}]"""));
        Assert.Empty(_server.Writes);
    }
}
