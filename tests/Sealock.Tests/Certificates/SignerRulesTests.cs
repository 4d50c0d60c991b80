// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Certificates;

public sealed class SignerRulesTests
{
    private static readonly KeyPair Key = KeyPair.Generate();

    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string Kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string Serving = "kubernetes.io/kubelet-serving";
    private const string Node = "CN=system:node:n1,O=system:nodes";

    private const string NotNodes = "subject organization is not system:nodes";
    private const string NotNode = "subject common name does not begin with system:node:";
    private const string ClientUsages = "usages did not match [client auth digital signature key encipherment]";
    private const string ServingUsages = "usages did not match [digital signature key encipherment server auth]";

    internal static RequestContents Contents(string subject, string names = "") => new(
        DistinguishedName.ParseText(subject), Key.PublicKey, new SubjectAlternativeNames(
            names.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(name => name.Split(':', 2) switch
            {
                ["dns", var dns] => GeneralName.Dns(dns),
                ["ip", var address] => GeneralName.Ip(IPAddress.Parse(address)),
                ["email", var email] => GeneralName.Email(email),
                ["uri", var uri] => GeneralName.Uri(uri),
                _ => throw new ArgumentException(name),
            })));

    /// <summary>Signer, subject, names, usages, and why not (empty: signs).</summary>
    public static TheoryData<string, string, string, string, string> Cases => new()
    {
        { Client, "CN=jane", "", "client auth", "" },
        { Client, "CN=jane,O=devs", "dns:a.b email:a@b.c uri:spiffe://x/y ip:10.0.0.1", "client auth,digital signature", "" },
        { Client, "CN=jane", "", "digital signature,key encipherment,client auth", "" },
        { Client, "CN=jane", "", "server auth", "invalid usage for client certificate: server auth" },
        { Client, "CN=jane", "", "client auth,server auth", "invalid usage for client certificate: server auth" },
        { Client, "CN=jane", "", "digital signature", "missing required usage for client certificate: client auth" },
        { Client, "CN=jane", "", "", "missing required usage for client certificate: client auth" },
        { Client, "CN=jane", "", "cert sign,client auth", "invalid usage for client certificate: cert sign" },
        { Client, "CN=jane", "", "signing,client auth", "invalid usage for client certificate: signing" },

        { Kubelet, Node, "", "digital signature,key encipherment,client auth", "" },
        { Kubelet, Node, "", "client auth,digital signature", "" },
        { Kubelet, Node, "", "client auth", ClientUsages },
        { Kubelet, Node, "", "digital signature,key encipherment,client auth,server auth", ClientUsages },
        { Kubelet, Node, "", "digital signature,server auth", ClientUsages },
        { Kubelet, "CN=system:node:n1", "", "digital signature,client auth", NotNodes },
        { Kubelet, "CN=system:node:n1,O=system:nodes,O=more", "", "digital signature,client auth", NotNodes },
        { Kubelet, "CN=system:node:n1,O=System:Nodes", "", "digital signature,client auth", NotNodes },
        { Kubelet, "CN=n1,O=system:nodes", "", "digital signature,client auth", NotNode },
        { Kubelet, "O=system:nodes", "", "digital signature,client auth", NotNode },
        { Kubelet, Node, "dns:n1", "digital signature,client auth", "DNS subjectAltNames are not allowed" },
        { Kubelet, Node, "ip:10.0.0.1", "digital signature,client auth", "IP subjectAltNames are not allowed" },
        { Kubelet, Node, "email:a@b.c", "digital signature,client auth", "Email subjectAltNames are not allowed" },
        { Kubelet, Node, "uri:spiffe://a/b", "digital signature,client auth", "URI subjectAltNames are not allowed" },
        { Kubelet, Node, "ip:10.0.0.1 dns:a", "digital signature,client auth", "DNS subjectAltNames are not allowed" },

        { Serving, Node, "dns:n1", "digital signature,key encipherment,server auth", "" },
        { Serving, Node, "ip:10.0.0.1", "digital signature,server auth", "" },
        { Serving, Node, "dns:n1 ip:fd00::1", "digital signature,server auth", "" },
        { Serving, Node, "", "digital signature,server auth", "DNS or IP subjectAltName is required" },
        { Serving, Node, "email:a@b.c", "digital signature,server auth", "DNS or IP subjectAltName is required" },
        { Serving, Node, "dns:n1 email:a@b.c", "digital signature,server auth", "Email subjectAltNames are not allowed" },
        { Serving, Node, "dns:n1 uri:spiffe://a/b", "digital signature,server auth", "URI subjectAltNames are not allowed" },
        { Serving, Node, "dns:n1", "digital signature,client auth", ServingUsages },
        { Serving, Node, "dns:n1", "server auth", ServingUsages },
        { Serving, Node, "dns:n1", "digital signature,server auth,client auth", ServingUsages },
        { Serving, "CN=system:node:n1", "dns:n1", "digital signature,server auth", NotNodes },
        { Serving, "CN=jane,O=system:nodes", "dns:n1", "digital signature,server auth", NotNode },
        { Serving, "CN=jane,O=system:nodes", "dns:n1", "server auth", ServingUsages },

        { "kubernetes.io/legacy-unknown", "CN=x", "dns:a", "any,cert sign", "" },
        { "example.com/mine", "CN=x,O=system:masters", "dns:a", "server auth", "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_signer_signs_what_its_rules_allow(string signerName, string subject, string names, string usages, string refusal) =>
        Assert.Equal(
            refusal.Length == 0 ? null : refusal,
            SignerRules.Refuse(signerName, Contents(subject, names), usages.Split(',', StringSplitOptions.RemoveEmptyEntries)));

    [Theory]
    [InlineData(null, 365 * 24 * 60)]
    [InlineData(3600, 60)]
    [InlineData(600, 10)]
    [InlineData(10, 10)]
    [InlineData(-5, 10)]
    [InlineData(365 * 24 * 3600, 365 * 24 * 60)]
    [InlineData(int.MaxValue, 365 * 24 * 60)]
    public void The_lifetime_is_what_was_asked_for_within_bounds(int? asked, int minutes) =>
        Assert.Equal(minutes, RequestSigner.Duration(asked, TimeSpan.FromDays(365)).TotalMinutes);

    [Fact]
    public void A_longest_lifetime_below_ten_minutes_is_kept() =>
        Assert.Equal(5, RequestSigner.Duration(700, TimeSpan.FromMinutes(5)).TotalMinutes);

    /// <summary>Who asks for which signer with which subject, and the rights that approve.</summary>
    [Theory]
    [InlineData("system:node:n1", Kubelet, Node, "selfnodeclient nodeclient")]
    [InlineData("system:bootstrap:abc", Kubelet, Node, "nodeclient")]
    [InlineData("system:node:n2", Kubelet, Node, "nodeclient")]
    [InlineData("jane", Kubelet, "CN=jane,O=system:nodes", "")]
    [InlineData("system:node:n1", Client, Node, "")]
    [InlineData("system:node:n1", Serving, Node, "")]
    public void Kubelet_clients_are_approved_by_a_right_of_the_requester(string user, string signerName, string subject, string rights)
    {
        var found = ApprovalRules.RightsFor(Request(user, signerName, "digital signature", "client auth"), Contents(subject));
        Assert.Equal(rights, string.Join(' ', found.Select(right => right.Subresource)));
    }

    [Theory]
    [InlineData("system:node:n1", "system:nodes", "dns:n1", "n1")]
    [InlineData("system:node:n2", "system:nodes", "dns:n1", null)]
    [InlineData("system:node:n1", "devs", "dns:n1", null)]
    [InlineData("system:node:n1", "system:nodes", "uri:spiffe://a/b", null)]
    public void Only_a_node_about_itself_gets_a_serving_certificate_unasked(string user, string group, string names, string? node) =>
        Assert.Equal(node, ApprovalRules.ServingNode(
            Request(user, Serving, "digital signature", "server auth") with
            {
                Spec = Request(user, Serving, "digital signature", "server auth").Spec with { Groups = [group] },
            }, Contents(Node, names)));

    [Theory]
    [InlineData("dns:n1", null)]
    [InlineData("dns:N1.Example.com ip:10.0.0.1 ip:fd00::1", null)]
    [InlineData("dns:n2", "n2")]
    [InlineData("dns:n1 ip:10.0.0.2", "10.0.0.2")]
    [InlineData("dns:10.0.0.1", "10.0.0.1")]
    [InlineData("dns:kubernetes ip:10.96.0.1", "kubernetes, 10.96.0.1")]
    public void Serving_names_are_addresses_of_the_node(string names, string? foreign)
    {
        var node = JsonSerializer.Deserialize("""
            {"metadata":{"name":"n1"},"status":{"addresses":[{"type":"Hostname","address":"n1"},
             {"type":"InternalDNS","address":"n1.example.com"},{"type":"InternalIP","address":"10.0.0.1"},
             {"type":"ExternalIP","address":"fd00::1"},{"type":"Odd","address":"n2"}]}}
            """, ViewJson.Default.NodeView)!;
        Assert.Equal(
            foreign is null ? null : $"not addresses of node n1 (status.addresses): {foreign}",
            ApprovalRules.RefuseNames(Contents(Node, names), node));
    }

    private static RequestView Request(string user, string signerName, params string[] usages) => new()
    {
        Spec = new RequestSpecView { Username = user, SignerName = signerName, Usages = usages, Groups = ["system:nodes"] },
    };

    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    /// <summary>Conditions with their age in minutes, age of the object in minutes, days the certificate still lives, gone?</summary>
    public static TheoryData<string, int, int?, bool> CleaningCases => new()
    {
        { "", 60 * 23, null, false },
        { "", 60 * 24, null, false },
        { "", 60 * 24 + 1, null, true },
        { "Approved:59", 59, 10, false },
        { "Approved:60", 60, 10, false },
        { "Approved:61", 61, 10, true },
        { "Approved:6000", 6000, null, false },
        { "Approved:5", 5, -1, true },
        { "Approved:5", 5, 1, false },
        { "Denied:59", 59, null, false },
        { "Denied:61", 61, null, true },
        { "Approved:5,Failed:61", 70, null, true },
        { "Approved:70,Failed:5", 70, null, false },
        { "Other:6000", 6000, null, false },
        { "", 60 * 25, 10, true },
    };

    [Theory]
    [MemberData(nameof(CleaningCases))]
    public void Requests_go_when_they_have_served_their_purpose(string conditions, int age, int? lifeInDays, bool gone)
    {
        var request = new RequestView
        {
            Metadata = new() { CreationTimestamp = Now.AddMinutes(-age) },
            Status = new RequestStatusView
            {
                Conditions = [.. conditions.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(text => text.Split(':'))
                    .Select(part => new ConditionView
                    {
                        Type = part[0],
                        Status = "True",
                        LastUpdateTime = Now.AddMinutes(-int.Parse(part[1], System.Globalization.CultureInfo.InvariantCulture)),
                    })],
                Certificate = lifeInDays is { } days ? Certificate(Now.AddDays(days)) : [],
            },
        };
        Assert.Equal(gone, CleaningRules.MayGo(request, Now) is not null);
    }

    private static byte[] Certificate(DateTimeOffset end)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        var request = new System.Security.Cryptography.X509Certificates.CertificateRequest(
            "CN=x", key, System.Security.Cryptography.HashAlgorithmName.SHA256);
        using var certificate = request.CreateSelfSigned(end.AddDays(-30), end);
        return System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
    }
}
