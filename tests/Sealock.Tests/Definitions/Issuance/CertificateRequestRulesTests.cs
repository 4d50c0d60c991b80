// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using static Sealock.Tests.Definitions.Issuance.IssuanceOperations;

namespace Sealock.Tests.Definitions.Issuance;

public sealed class CertificateRequestRulesTests
{
    private const string Kind = "CertificateRequest";

    private static readonly string Csr = NewCsr();

    private static string NewCsr()
    {
        using var key = KeyPair.Generate();
        var request = CertificateSigningRequest.Create(key, DistinguishedName.ParseText("CN=web"), SubjectAlternativeNames.None);
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(request.ToPem()));
    }

    private static JsonObject Request(string more = "") => Parse($"{{spec: {{request: {Csr}, issuerRef: {{name: ca}}{more}}}}}");

    private static JsonObject With(JsonObject request, string status)
    {
        var copy = request.DeepClone().AsObject();
        copy["status"] = Parse(status);
        return copy;
    }

    private static string[] Texts(IEnumerable<FieldError> errors) => [.. errors.Select(error => error.ToString())];

    [Theory]
    [InlineData(", usages: [server auth, digital signature], duration: 1h", "")]
    [InlineData(", duration: soon", "spec.duration: Invalid value: \"soon\": must be a duration such as 2160h or 30m")]
    public void A_new_request_is_checked(string more, string errors) =>
        Assert.Equal(errors, string.Join('\n', Create(Kind, Request(more))));

    [Theory]
    [InlineData("request: aGVsbG8=", "spec.request: Invalid value: \"aGVsbG8=\": failed to decode csr: PEM block type must be CERTIFICATE REQUEST")]
    [InlineData("request: ''", "spec.request: Required value: must be specified")]
    public void What_is_no_signing_request_is_refused(string request, string error) =>
        Assert.Equal([error], Create(Kind, Parse($"{{spec: {{{request}, issuerRef: {{name: ca}}}}}}")));

    [Fact]
    public void The_requester_is_whom_the_server_knows()
    {
        var user = new UserInfo { Name = "jane", Uid = "7", Groups = ["a", "b"], Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("x", ["y"]) };
        var spec = Run(Kind, Request(", username: admin, groups: [system:masters]"), null, null, user).Operation.Object["spec"]!;
        Assert.Equal("jane", (string?)spec["username"]);
        Assert.Equal("7", (string?)spec["uid"]);
        Assert.Equal("""["a","b"]""", spec["groups"]!.ToJsonString());
        Assert.Equal("""{"x":["y"]}""", spec["extra"]!.ToJsonString());
    }

    [Fact]
    public void What_is_asked_never_changes()
    {
        var old = Run(Kind, Request(), null, null).Operation.Object;
        var changed = old.DeepClone().AsObject();
        changed["spec"]!["isCA"] = true;
        changed["metadata"]!["annotations"] = new JsonObject { ["cert-manager.io/certificate-name"] = "other", ["example.com/a"] = "b" };
        Assert.Equal(
            ["metadata.annotations.cert-manager.io/certificate-name: Forbidden: cannot change cert-manager annotation after creation",
             "spec: Forbidden: cannot change spec after creation"],
            Texts(Run(Kind, changed, old, null).Errors));
    }

    /// <summary>Conditions before and after (YAML), errors.</summary>
    public static TheoryData<string, string, string[]> Decisions => new()
    {
        { "[]", "[{type: Approved, status: 'True', reason: r}]", [] },
        { "[]", "[{type: Denied, status: 'True'}, {type: Ready, status: 'False'}]", [] },
        { "[]", "[{type: Approved, status: 'False'}]",
            ["status.conditions.Approved: Invalid value: \"False\": \"Approved\" condition may only be set to True"] },
        { "[]", "[{type: Approved, status: 'True'}, {type: Denied, status: 'True'}]",
            ["status.conditions: Forbidden: both 'Denied' and 'Approved' conditions cannot coexist"] },
        { "[{type: Approved, status: 'True', reason: r}]", "[{type: Approved, status: 'True', reason: s}]",
            ["status.conditions: Forbidden: 'Approved' condition may not be modified once set"] },
        { "[{type: Denied, status: 'True'}]", "[]", ["status.conditions: Forbidden: 'Denied' condition may not be modified once set"] },
        { "[{type: Approved, status: 'True'}]", "[{type: Approved, status: 'True'}, {type: Ready, status: 'True'}]", [] },
    };

    [Theory]
    [MemberData(nameof(Decisions))]
    public void A_request_is_decided_once(string before, string after, string[] errors)
    {
        var stored = With(Run(Kind, Request(), null, null).Operation.Object, $"conditions: {before}");
        Assert.Equal(errors, Texts(Run(Kind, With(stored, $"conditions: {after}"), stored, "status").Errors));
    }

    [Theory]
    [InlineData("{name: ca}", "issuers.cert-manager.io/default.ca", true)]
    [InlineData("{name: ca}", "issuers.cert-manager.io/*", true)]
    [InlineData("{name: ca}", "issuers.cert-manager.io/default.other", false)]
    [InlineData("{name: ca}", "clusterissuers.cert-manager.io/ca", false)]
    [InlineData("{name: ca, kind: ClusterIssuer, group: cert-manager.io}", "clusterissuers.cert-manager.io/ca", true)]
    [InlineData("{name: ca, kind: Other, group: example.com}", "others.example.com/*", true)]
    [InlineData("{name: ca, kind: Other, group: example.com}", "others.example.com/default.ca", true)]
    [InlineData("{name: ca, kind: OtherClusterIssuer, group: example.com}", "otherclusterissuers.example.com/ca", true)]
    [InlineData("{name: ca, kind: Other, group: example.com}", "issuers.cert-manager.io/*", false)]
    public void Who_approves_needs_the_right_on_the_issuer(string issuer, string granted, bool allowed)
    {
        var stored = Run(Kind, Request(), null, null).Operation.Object;
        stored["spec"]!["issuerRef"] = Parse(issuer);
        var decided = With(stored, "conditions: [{type: Approved, status: 'True'}]");
        void Approve() => Run(Kind, decided, stored, "status", new UserInfo { Name = "jane" }, new MayApprove(granted));
        if (allowed)
            Approve();
        else
            Assert.Contains("does not have permissions to set approved/denied conditions", Assert.Throws<ApiException>(Approve).Message, StringComparison.Ordinal);
        // Once it is decided, whoever reports the result needs no such right.
        Run(Kind, With(stored, "conditions: [{type: Approved, status: 'True'}, {type: Ready, status: 'True'}]"), decided, "status", null, new MayApprove(""));
    }

    private sealed class MayApprove(string signer) : IAuthorizer
    {
        public AccessDecision Authorize(in AccessQuestion question) => new(
            question is { Verb: "approve", Group: "cert-manager.io", Resource: "signers" } && question.Name == signer, "");

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
    }
}
