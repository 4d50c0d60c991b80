// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using static Sealock.Tests.Certificates.RequestRun;

namespace Sealock.Tests.Certificates;

public sealed class RequestCreationTests
{
    private const string Domain = "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must"
        + " start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is"
        + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string Subdomain = "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.',"
        + " and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is"
        + " '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private static readonly string L63 = new('a', 63);
    private static readonly string Domain253 = $"{L63}.{L63}.{L63}.{new string('a', 61)}";

    /// <summary>A signer name and what is wrong with it.</summary>
    public static TheoryData<string, string[]> SignerNameCases => new()
    {
        { "", ["spec.signerName: Required value"] },
        { "noslash", [Form("noslash")] },
        { "a/b/c", [Form("a/b/c")] },
        { "example.com/a/", [Form("example.com/a/")] },
        { "example.com/signer", [] },
        { "example.com/name.space", [] },
        { "io.k8s-1/x", [] },
        { "kubernetes.io/kube-apiserver-client", [] },
        { "kubernetes.io/anything", [] },
        { "kubernetes.io/legacy-unknown",
            ["spec.signerName: Invalid value: \"kubernetes.io/legacy-unknown\": the legacy signerName is not allowed via this API version"] },
        { "example/signer",
            ["spec.signerName: Invalid value: \"example\": should be a domain with at least two segments separated by dots"] },
        { "Example.com/signer", [$"spec.signerName: Invalid value: \"Example.com\": validating label \"Example\": {Domain}"] },
        { "exa_mple.com/signer", [$"spec.signerName: Invalid value: \"exa_mple.com\": validating label \"exa_mple\": {Domain}"] },
        { "-a.com/signer", [$"spec.signerName: Invalid value: \"-a.com\": validating label \"-a\": {Domain}"] },
        { "a..com/signer", [$"spec.signerName: Invalid value: \"a..com\": validating label \"\": {Domain}"] },
        { "/signer",
            [$"spec.signerName: Invalid value: \"\": validating label \"\": {Domain}",
             "spec.signerName: Invalid value: \"\": should be a domain with at least two segments separated by dots"] },
        { "example.com/", [$"spec.signerName: Invalid value: \"\": validating label \"\": {Subdomain}"] },
        { "example.com/Upper", [$"spec.signerName: Invalid value: \"Upper\": validating label \"Upper\": {Subdomain}"] },
        { "example.com/a..b", [$"spec.signerName: Invalid value: \"a..b\": validating label \"\": {Subdomain}"] },
        { $"{L63}a.com/x", [$"spec.signerName: Invalid value: \"{L63}a.com\": validating label \"{L63}a\": must be no more than 63 bytes"] },
        { $"{Domain253}/x", [] },
        { $"{Domain253}a/x",
            ["spec.signerName: Too long: may not be more than 253 bytes"] },
        { $"{Domain253}/{Domain253}.{L63}", [] },
        { $"{Domain253}/{Domain253}.{L63}.a", ["spec.signerName: Too long: may not be more than 571 bytes"] },
    };

    private static string Form(string name) => $"spec.signerName: Invalid value: \"{name}\": "
        + "must be a fully qualified domain and path of the form 'example.com/signer-name'";

    /// <summary>Such a name could never be reached by a path, so nobody could delete the object.</summary>
    [Theory]
    [InlineData("a/b", "may not contain '/'")]
    [InlineData("..", "may not be '..'")]
    [InlineData("a%2f", "may not contain '%'")]
    [InlineData("node-csr:Any_Thing", null)]
    public void A_name_is_one_segment_of_a_path(string name, string? error)
    {
        var request = Valid();
        request["metadata"]!["name"] = name;
        Assert.Equal(
            error is null ? [] : [$"metadata.name: Invalid value: \"{name}\": {error}"],
            MetadataRules.Check(request, null, Requests).Select(found => found.ToString()));
    }

    [Theory]
    [MemberData(nameof(SignerNameCases))]
    public void A_signer_name_is_a_domain_and_a_path(string signerName, string[] errors)
    {
        var request = Valid();
        request["spec"]!["signerName"] = signerName;
        Assert.Equal(errors, Create(request).Errors);
    }

    /// <summary>Usages (separated by commas) and what is wrong with them.</summary>
    public static TheoryData<string, string[]> UsageCases => new()
    {
        { "", ["spec.usages: Required value"] },
        { "digital signature", [] },
        { "digital signature,key encipherment,server auth", [] },
        { "server auth", [] },
        { "signing,content commitment,key agreement,data encipherment,cert sign,crl sign,encipher only,decipher only", [] },
        { "any,code signing,email protection,s/mime,ipsec end system,ipsec tunnel,ipsec user,timestamping,ocsp signing", [] },
        { "microsoft sgc,netscape sgc", [] },
        { "client auth,client auth", ["spec.usages[1]: Duplicate value: \"client auth\""] },
        { "client auth,server auth,client auth,client auth",
            ["spec.usages[2]: Duplicate value: \"client auth\"", "spec.usages[3]: Duplicate value: \"client auth\""] },
        { "Client Auth", [Unknown(0, "Client Auth")] },
        { "client auth,clientAuth", [Unknown(1, "clientAuth")] },
        { "bogus,bogus", [Unknown(0, "bogus"), Unknown(1, "bogus"), "spec.usages[1]: Duplicate value: \"bogus\""] },
    };

    private static string Unknown(int index, string usage) => $"spec.usages[{index}]: Unsupported value: \"{usage}\": supported values: "
        + "\"any\", \"cert sign\", \"client auth\", \"code signing\", \"content commitment\", \"crl sign\", \"data encipherment\", "
        + "\"decipher only\", \"digital signature\", \"email protection\", \"encipher only\", \"ipsec end system\", \"ipsec tunnel\", "
        + "\"ipsec user\", \"key agreement\", \"key encipherment\", \"microsoft sgc\", \"netscape sgc\", \"ocsp signing\", \"s/mime\", "
        + "\"server auth\", \"signing\", \"timestamping\"";

    [Theory]
    [MemberData(nameof(UsageCases))]
    public void Usages_are_known_and_named_once(string usages, string[] errors)
    {
        var request = Valid();
        request["spec"]!["usages"] = new JsonArray([.. usages.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(u => (JsonNode)u)]);
        Assert.Equal(errors, Create(request).Errors);
    }

    [Theory]
    [InlineData(600, true)]
    [InlineData(601, true)]
    [InlineData(int.MaxValue, true)]
    [InlineData(599, false)]
    [InlineData(0, false)]
    [InlineData(-1, false)]
    public void A_lifetime_of_less_than_ten_minutes_is_refused(int seconds, bool accepted)
    {
        var request = Valid();
        request["spec"]!["expirationSeconds"] = seconds;
        string[] errors =
        [
            $"spec.expirationSeconds: Invalid value: {seconds}: may not specify a duration less than 600 seconds (10 minutes)",
        ];
        Assert.Equal(accepted ? [] : errors, Create(request).Errors);
    }

    /// <summary>What stands in <c>spec.request</c>, and the end of the error.</summary>
    public static TheoryData<string, string> RequestCases => new()
    {
        { "", "PEM block type must be CERTIFICATE REQUEST" },
        { "no pem", "PEM block type must be CERTIFICATE REQUEST" },
        { Certificate(), "PEM block type must be CERTIFICATE REQUEST" },
        { "-----BEGIN NEW CERTIFICATE REQUEST-----\nAAAA\n-----END NEW CERTIFICATE REQUEST-----\n",
            "PEM block type must be CERTIFICATE REQUEST" },
        { Certificate() + Text(Pem()), "PEM block type must be CERTIFICATE REQUEST" },
    };

    private static string Text(string base64) => System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(base64));

    [Theory]
    [MemberData(nameof(RequestCases))]
    public void The_request_is_a_pem_block_of_its_type(string text, string error)
    {
        var request = Valid();
        request["spec"]!["request"] = Base64(text);
        var found = Assert.Single(Create(request).Errors);
        Assert.StartsWith("spec.request: Invalid value: \"", found, StringComparison.Ordinal);
        Assert.EndsWith(error, found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text before\n", "")]
    [InlineData("", "text after\n")]
    [InlineData("text before\n\n", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")]
    public void Text_around_the_request_is_tolerated(string before, string after)
    {
        var request = Valid();
        request["spec"]!["request"] = Base64(before + Text(Pem()) + "\n" + after);
        Assert.Empty(Create(request).Errors);
    }

    [Fact]
    public void A_request_whose_signature_does_not_hold_is_refused()
    {
        var der = Convert.FromBase64String(string.Concat(Text(Pem()).Split('\n').Where(line => !line.StartsWith('-'))));
        der[^1] ^= 1;
        var request = Valid();
        request["spec"]!["request"] = Base64($"-----BEGIN CERTIFICATE REQUEST-----\n{Convert.ToBase64String(der)}\n-----END CERTIFICATE REQUEST-----\n");
        Assert.StartsWith("spec.request: Invalid value: \"LS0t", Assert.Single(Create(request).Errors), StringComparison.Ordinal);
    }

    [Fact]
    public void All_faults_are_reported_at_once_and_in_order()
    {
        var outcome = Create(new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "x" },
            ["spec"] = new JsonObject { ["expirationSeconds"] = 5 },
        });
        Assert.Equal(
            ["spec.request", "spec.usages", "spec.signerName", "spec.expirationSeconds"],
            outcome.Errors.Select(error => error.Split(':')[0]));
    }

    [Fact]
    public void The_requester_is_whom_the_server_authenticated()
    {
        var request = Valid();
        var spec = request["spec"]!.AsObject();
        spec["username"] = "admin";
        spec["uid"] = "x";
        spec["groups"] = new JsonArray("system:masters");
        spec["extra"] = new JsonObject { ["scope"] = new JsonArray("all") };
        var user = Jane with
        {
            Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("example.com/team", ["red", "blue"]),
        };
        var stored = Create(request, user: user).Object["spec"]!;
        Assert.Equal("jane", stored["username"]!.GetValue<string>());
        Assert.Equal("u-1", stored["uid"]!.GetValue<string>());
        Assert.Equal("""["devs","system:authenticated"]""", stored["groups"]!.ToJsonString());
        Assert.Equal("""{"example.com/team":["red","blue"]}""", stored["extra"]!.ToJsonString());
    }

    [Fact]
    public void A_requester_without_uid_groups_and_extra_leaves_them_out()
    {
        var spec = Create(Valid(), user: new UserInfo { Name = "jane" }).Object["spec"]!.AsObject();
        Assert.Equal(["request", "signerName", "usages", "username"], spec.Select(field => field.Key).Order());
    }

    [Fact]
    public void Nobody_creates_an_approved_or_issued_request()
    {
        var outcome = Create(Valid().With(Condition("Approved")).Issued(Certificate()));
        Assert.True(outcome.Accepted);
        Assert.Equal("{}", outcome.Object["status"]!.ToJsonString());
    }

    [Fact]
    public void Base64_broken_into_lines_is_stored_in_one_line()
    {
        var request = Valid();
        var text = request["spec"]!["request"]!.GetValue<string>();
        request["spec"]!["request"] = string.Join("\n", text.Chunk(64).Select(line => new string(line))) + "\n";
        var outcome = Create(request);
        Assert.True(outcome.Accepted);
        Assert.Equal(text, outcome.Object["spec"]!["request"]!.GetValue<string>());
    }

    [Theory]
    [InlineData("kubernetes.io/kube-apiserver-client", "O=system:masters, CN=jane", false)]
    [InlineData("kubernetes.io/kube-apiserver-client", "O=devs, O=system:masters, CN=jane", false)]
    [InlineData("kubernetes.io/kube-apiserver-client", "O=system:master, CN=jane", true)]
    [InlineData("kubernetes.io/kube-apiserver-client", "OU=system:masters, CN=system:masters", true)]
    [InlineData("kubernetes.io/kubelet-serving", "O=system:masters, CN=jane", true)]
    [InlineData("example.com/signer", "O=system:masters, CN=jane", true)]
    public void Nobody_asks_for_system_masters_by_a_client_certificate(string signerName, string subject, bool accepted)
    {
        var request = Valid();
        request["spec"]!["signerName"] = signerName;
        request["spec"]!["request"] = Pem(subject);
        var outcome = Create(request);
        Assert.Equal(accepted, outcome.Accepted);
        if (accepted)
            return;
        Assert.Equal(403, outcome.Refusal!.Code);
        Assert.Equal(
            "certificatesigningrequests.certificates.k8s.io \"jane\" is forbidden: use of kubernetes.io/kube-apiserver-client"
            + " signer with system:masters group is not allowed",
            outcome.Refusal.Message);
    }

    [Fact]
    public void Usages_that_the_signer_will_refuse_are_accepted_on_creation()
    {
        var request = Valid();
        request["spec"]!["signerName"] = "kubernetes.io/kube-apiserver-client";
        request["spec"]!["usages"] = new JsonArray("server auth");
        Assert.True(Create(request).Accepted);
    }
}
