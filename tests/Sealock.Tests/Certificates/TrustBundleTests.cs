// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Tests.Certificates.RequestRun;

namespace Sealock.Tests.Certificates;

public sealed class TrustBundleTests
{
    private static readonly string One = Certificate("CN=one", ca: true);
    private static readonly string Two = Certificate("CN=two", ca: true);
    private static readonly string Leaf = Certificate("CN=leaf");

    private static JsonObject Bundle(string name, string signerName, string text)
    {
        var spec = new JsonObject { ["trustBundle"] = text };
        if (signerName.Length > 0)
            spec["signerName"] = signerName;
        return new JsonObject { ["metadata"] = new JsonObject { ["name"] = name }, ["spec"] = spec };
    }

    private static string Bad(string why) => $"spec.trustBundle: Invalid value: \"<value omitted>\": {why}";

    /// <summary>Name, signer name, bundle, errors.</summary>
    public static TheoryData<string, string, string, string[]> Cases => new()
    {
        { "roots", "", One, [] },
        { "roots", "", One + Two, [] },
        { "roots", "", "# comment\n" + One, [] },
        { "example.com:s:v1", "example.com/s", One, [] },
        { "example.com:s:v1", "", One,
            ["metadata.name: Invalid value: \"example.com:s:v1\": ClusterTrustBundle without signer name must not have \":\" in its name"] },
        { "v1", "example.com/s", One,
            ["metadata.name: Invalid value: \"v1\": ClusterTrustBundle for signerName example.com/s must be named with prefix example.com:s:"] },
        { "a:v1", "a", One,
            ["spec.signerName: Invalid value: \"a\": must be a fully qualified domain and path of the form 'example.com/signer-name'"] },
        { "roots", "", "", [Bad("at least one trust anchor must be provided")] },
        { "roots", "", "text", [Bad("at least one trust anchor must be provided")] },
        { "roots", "", Leaf, [Bad("entry 0 does not have the CA bit set")] },
        { "roots", "", One + Leaf, [Bad("entry 1 does not have the CA bit set")] },
        { "roots", "", One + Two + One, [Bad("duplicate trust anchor (indices [0 2])")] },
        { "roots", "", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n" + One + One,
            [Bad("entry 0 does not parse as X.509")] },
        { "roots", "", "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", [Bad("entry 0 has bad block type: PUBLIC KEY")] },
        { "roots", "", One.Replace("CERTIFICATE-----\nM", "CERTIFICATE-----\nA: b\n\nM", StringComparison.Ordinal),
            [Bad("entry 0 has PEM block headers")] },
        { "roots", "", new string('x', 1024 * 1024 + 1), ["spec.trustBundle: Too long: may not be more than 1048576 bytes"] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_bundle_holds_ca_certificates_under_its_signers_name(string name, string signerName, string text, string[] errors) =>
        Assert.Equal(errors, Create(Bundle(name, signerName, text), Bundles).Errors);

    [Fact]
    public void The_signer_cannot_be_changed() => Assert.Equal<string>(
        ["metadata.name: Invalid value: \"example.com:s:v1\": ClusterTrustBundle for signerName example.com/t must be named with prefix example.com:t:",
         "spec.signerName: Invalid value: \"example.com/t\": field is immutable"],
        Update(Bundle("example.com:s:v1", "example.com/s", One), Bundle("example.com:s:v1", "example.com/t", One), definition: Bundles).Errors);

    [Fact]
    public void A_stored_bundle_that_is_not_changed_is_not_read_again() => Assert.True(
        Update(Bundle("roots", "", "garbage"), Bundle("roots", "", "garbage"), definition: Bundles).Accepted);

    [Theory]
    [InlineData("attest example.com/s", true)]
    [InlineData("attest example.com/*", true)]
    [InlineData("sign example.com/*", false)]
    public void Who_writes_a_signers_bundle_needs_the_verb_attest(string right, bool accepted)
    {
        var outcome = Create(Bundle("example.com:s:v1", "example.com/s", One), Bundles, rights: new Rights(right));
        Assert.Equal(accepted, outcome.Accepted);
        if (!accepted)
        {
            Assert.Equal(
                "clustertrustbundles.certificates.k8s.io \"example.com:s:v1\" is forbidden: user not permitted to attest for"
                + " signerName \"example.com/s\"", outcome.Refusal!.Message);
        }
    }

    [Fact]
    public void A_bundle_without_signer_needs_no_further_right() =>
        Assert.True(Create(Bundle("roots", "", One), Bundles, rights: new Rights()).Accepted);

    [Fact]
    public void Changing_owners_only_needs_no_further_right()
    {
        var changed = Bundle("example.com:s:v1", "example.com/s", One);
        changed["metadata"]!["ownerReferences"] = new JsonArray();
        Assert.True(Update(Bundle("example.com:s:v1", "example.com/s", One), changed, definition: Bundles, rights: new Rights()).Accepted);
        changed["metadata"]!["labels"] = new JsonObject { ["a"] = "b" };
        Assert.False(Update(Bundle("example.com:s:v1", "example.com/s", One), changed, definition: Bundles, rights: new Rights()).Accepted);
    }
}
