// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Pki;

public sealed class UsageTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Kubernetes_knows_23_usages_and_each_leads_back_to_itself_or_its_synonym()
    {
        Assert.Equal(23, CertificateUsages.KnownNames.Count);
        foreach (var name in CertificateUsages.KnownNames)
        {
            var expected = name switch
            {
                "signing" => "digital signature",
                "s/mime" => "email protection",
                _ => name,
            };
            Assert.Equal([expected], CertificateUsages.FromNames(name).ToNames());
        }
    }

    [Fact]
    public void An_unknown_usage_is_named()
    {
        var refused = Assert.Throws<PkiFormatException>(() => CertificateUsages.FromNames("client auth", "Server Auth"));
        Assert.Contains("'Server Auth'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cert sign", "leaf-cert-sign")]
    [InlineData("key encipherment", "encipherment-without-rsa")]
    public void Usages_that_others_ask_for_warn_and_never_refuse(string usage, string lint)
    {
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("root", key, Now);
        var answer = root.Issue(new()
        {
            Subject = DistinguishedName.Create($"system:node:{new string('n', 200)}", "system:nodes"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Custom(CertificateUsages.FromNames("digital signature", usage, "client auth")),
        }, Now);
        Assert.False(answer.Require().IsCa);
        Assert.Contains(answer.Findings, f => f.Lint == lint && f.Severity == LintSeverity.Warning);
        Assert.Contains(answer.Findings, f => f.Lint == "common-name-length" && f.Severity == LintSeverity.Warning);
    }
}
