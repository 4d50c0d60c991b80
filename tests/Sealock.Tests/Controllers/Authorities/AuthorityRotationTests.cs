// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Issuance;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Authorities;

/// <summary>A CA in an issuer's Secret replaced, and what becomes of the certificates under it.</summary>
public sealed class AuthorityRotationTests
{
    private static readonly string[] Names = ["one", "two", "three"];

    [Fact]
    public async Task The_new_CA_is_trusted_before_it_signs_and_the_old_one_until_nothing_leads_to_it()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var old = bench.AddCa();
        foreach (var name in Names)
            bench.AddCertificate(name);
        await bench.SettleAsync();
        Assert.Equal(RotationPhase.Stable, bench.Record()!.Phase);
        Assert.DoesNotContain(bench.Issuer().Status.Conditions, condition => condition.Type == RotationStatus.Condition);

        var @new = Replace(bench);
        await bench.SettleAsync();
        Assert.Equal(("True", "Trust"), Condition(bench));
        foreach (var name in Names)
        {
            Assert.Equal([old.Certificate, @new.Certificate], Trusted(bench, name));
            Assert.True(IsOf(bench.Leaf($"{name}-tls"), old));
            Assert.Equal(1, bench.Certificate(name).Status.Revision);
        }

        // A certificate that is wanted meanwhile is the old CA's, and trusts both.
        bench.AddCertificate("four");
        await bench.SettleAsync();
        Assert.True(IsOf(bench.Leaf("four-tls"), old));
        Assert.Equal([old.Certificate, @new.Certificate], Trusted(bench, "four"));

        bench.Time.Advance(TimeSpan.FromHours(24));
        await bench.SettleAsync();
        Assert.Equal(("True", "Reissue"), Condition(bench));
        foreach (var name in (string[])[.. Names, "four"])
        {
            Assert.True(IsOf(bench.Leaf($"{name}-tls"), @new));
            Assert.Equal(2, bench.Certificate(name).Status.Revision);
            Assert.Equal([@new.Certificate, old.Certificate], Trusted(bench, name));
            var chain = bench.Chain($"{name}-tls");
            Assert.Equal(2, chain.Count);
            foreach (var trusted in (CertificateAuthority[])[old, @new])
            {
                var verdict = ChainVerifier.Verify(
                        chain[0], [.. chain.Skip(1)], new TrustPool([trusted.Certificate]), new ChainRequirements { At = bench.Time.GetUtcNow() });
                Assert.True(verdict.IsTrusted, verdict.Reason);
            }
        }

        bench.Time.Advance(TimeSpan.FromHours(24));
        await bench.SettleAsync();
        Assert.Equal(("False", "Stable"), Condition(bench));
        foreach (var name in Names)
        {
            Assert.Equal([@new.Certificate], Trusted(bench, name));
            Assert.Single(bench.Chain($"{name}-tls"));
            Assert.Equal(2, bench.Certificate(name).Status.Revision);
        }

        Assert.Equal(@new.Certificate, Assert.Single(bench.Record()!.Old!.Signing));
        Assert.Null(bench.Record()!.New);
    }

    [Fact]
    public async Task Without_overlaps_it_goes_through_at_once()
    {
        using var bench = await WithLeavesAsync();
        var @new = Replace(bench);
        await bench.SettleAsync();
        AssertOver(bench, @new);
        bench.Server.Writes.Clear();
        bench.Start();
        await bench.SettleAsync();
        Assert.Empty(bench.Server.Writes);
    }

    [Fact]
    public async Task A_CA_renewed_with_its_key_replaces_no_certificate()
    {
        using var bench = await WithLeavesAsync();
        var record = bench.Record()!;
        using var key = KeyPair.FromPem(Encoding.UTF8.GetString(bench.Entry("ca-ca", "tls.key")!));
        bench.Time.Advance(TimeSpan.FromDays(1));
        var renewed = CertificateAuthority.CreateRoot("ca", key, bench.Time.GetUtcNow());
        bench.PutPair("ca-ca", renewed.Certificate.ToPem(), key.ToPkcs8Pem());
        await bench.SettleAsync();
        Assert.NotEqual(record.Old!.Signing[0], bench.Record()!.Old!.Signing[0]);
        Assert.Equal(RotationPhase.Stable, bench.Record()!.Phase);
        Assert.All(Names, name => Assert.Equal(1, bench.Certificate(name).Status.Revision));
        Assert.All(Names, name => Assert.Equal([renewed.Certificate], Trusted(bench, name)));
    }

    [Fact]
    public async Task A_CA_put_back_before_its_successor_has_signed_stays()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        bench.AddCa();
        bench.AddCertificate("one");
        await bench.SettleAsync();
        var before = bench.Secret("ca-ca")!;
        var trusted = Trusted(bench, "one");
        Replace(bench);
        await bench.SettleAsync();
        Assert.Equal(2, Trusted(bench, "one").Count);
        bench.PutSecret("ca-ca", before);
        await bench.SettleAsync();
        Assert.Equal(RotationPhase.Stable, bench.Record()!.Phase);
        Assert.Equal(trusted, Trusted(bench, "one"));
        Assert.Equal(1, bench.Certificate("one").Status.Revision);
    }

    [Fact]
    public async Task A_third_CA_waits_until_the_second_has_taken_over()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        bench.AddCa();
        bench.AddCertificate("one");
        await bench.SettleAsync();
        Replace(bench);
        await bench.SettleAsync();
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.SettleAsync();
        Assert.Equal(RotationPhase.Reissue, bench.Record()!.Phase);
        var third = Replace(bench);
        for (var day = 0; day < 4; day++)
        {
            await bench.SettleAsync();
            bench.Time.Advance(TimeSpan.FromDays(1));
        }

        await bench.SettleAsync();
        AssertOver(bench, third, "one");
    }

    [Fact]
    public async Task Certificates_of_a_CA_that_was_replaced_before_account_was_kept_are_replaced_and_stay_trusted_until_then()
    {
        using var bench = new IssuanceBench();
        var old = bench.AddCa();
        bench.AddCertificate("one");
        await bench.SettleAsync();
        var @new = Replace(bench);
        await bench.SettleAsync();
        Assert.True(IsOf(bench.Leaf("one-tls"), old));
        bench.KeepAuthorities();
        await bench.SettleAsync();
        Assert.Equal(RotationPhase.Reissue, bench.Record()!.Phase);
        Assert.True(IsOf(bench.Leaf("one-tls"), @new));
        Assert.Equal([@new.Certificate, old.Certificate], Trusted(bench, "one"));
        bench.Time.Advance(TimeSpan.FromDays(1));
        await bench.SettleAsync();
        AssertOver(bench, @new, "one");
    }

    [Fact]
    public async Task What_cannot_be_replaced_keeps_the_old_CA_trusted_until_it_ends()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var old = bench.AddCa(lifetime: TimeSpan.FromDays(30));
        NoOverlaps(bench);
        bench.AddCertificate("one", """{"duration": "720h"}""");
        bench.AddCertificate("stuck", """{"duration": "720h"}""");
        await bench.SettleAsync();
        // Its Certificate goes, its Secret stays with whoever uses it.
        await new Sealock.Api.Client.ApiClient(bench.Server).DeleteAsync(
            Sealock.Controllers.Views.IssuanceResources.Certificates, "ns", "stuck", null, default);
        var @new = Replace(bench);
        await bench.SettleAsync();
        Assert.Equal(RotationPhase.Reissue, bench.Record()!.Phase);
        Assert.Contains("stuck-tls", bench.Issuer().Status.Conditions.First(c => c.Type == RotationStatus.Condition).Message, StringComparison.Ordinal);
        Assert.Contains(old.Certificate, Trusted(bench, "one"));
        bench.Time.Advance(TimeSpan.FromDays(31));
        await bench.SettleAsync();
        AssertOver(bench, @new, "one");
    }

    [Fact]
    public async Task An_intermediate_CA_is_replaced_with_its_root_and_the_old_root_stays_until_nothing_below_leads_to_it()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var old = bench.AddCa();
        NoOverlaps(bench);
        bench.AddIssuer("int", """{"ca": {"secretName": "int-tls"}}""");
        bench.AddCertificate("int", """{"isCA": true, "commonName": "int", "dnsNames": null}""");
        bench.AddCertificate("deep", """{"issuerRef": {"name": "int"}}""");
        await bench.SettleAsync();
        Assert.Equal([old.Certificate], Trusted(bench, "deep"));
        var @new = Replace(bench);
        await bench.SettleAsync();

        // The root is done but for what its old intermediate has signed: that one only makes its successor known.
        Assert.Equal((RotationPhase.Reissue, RotationPhase.Trust), (bench.Record()!.Phase, bench.Record("int")!.Phase));
        Assert.True(IsOf(bench.Leaf("int-tls"), @new));
        AssertTrusted(bench.Chain("deep-tls"), Trusted(bench, "deep"));
        AssertTrusted(bench.Chain("deep-tls"), [old.Certificate]);
        Assert.Contains("the CA of int", bench.Issuer().Status.Conditions.First(c => c.Type == RotationStatus.Condition).Message, StringComparison.Ordinal);

        for (var day = 0; day < 3; day++)
        {
            bench.Time.Advance(TimeSpan.FromDays(1));
            await bench.SettleAsync();
            AssertTrusted(bench.Chain("deep-tls"), Trusted(bench, "deep"));
        }

        Assert.Equal((RotationPhase.Stable, RotationPhase.Stable), (bench.Record()!.Phase, bench.Record("int")!.Phase));
        Assert.Equal([@new.Certificate], Trusted(bench, "deep"));
        Assert.Equal(2, bench.Chain("deep-tls").Count);

        void AssertTrusted(IReadOnlyList<Certificate> chain, IReadOnlyList<Certificate> trusted)
        {
            var verdict = ChainVerifier.Verify(chain[0], [.. chain.Skip(1)], new TrustPool(trusted), new ChainRequirements { At = bench.Time.GetUtcNow() });
            Assert.True(verdict.IsTrusted, verdict.Reason);
        }
    }

    [Fact]
    public async Task A_record_that_was_spoilt_is_made_anew()
    {
        using var bench = await WithLeavesAsync();
        var record = bench.Secret("sealock-issuer-ca-ca")!;
        record["data"]!.AsObject().Remove(RecordNames.OldKey);
        bench.PutSecret("sealock-issuer-ca-ca", record);
        await bench.SettleAsync();
        Assert.NotNull(bench.Record()!.Plan);
        Assert.All(Names, name => Assert.Equal(1, bench.Certificate(name).Status.Revision));
    }

    [Fact]
    public async Task Nothing_outlives_the_CA_that_signed_it()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        var ca = bench.AddCa(lifetime: TimeSpan.FromDays(10));
        bench.AddCertificate("one");
        await bench.SettleAsync();
        Assert.True(bench.Leaf("one-tls").NotAfter <= ca.Certificate.NotAfter);
    }

    [Fact]
    public async Task A_strangers_Secret_of_the_records_name_is_left_alone_and_nothing_is_signed()
    {
        using var bench = new IssuanceBench();
        bench.KeepAuthorities();
        bench.AddCa();
        bench.PutPair("sealock-issuer-ca-ca", "x", "y", label: false);
        bench.AddCertificate("one");
        await Assert.ThrowsAnyAsync<Xunit.Sdk.XunitException>(bench.SettleAsync);
        Assert.Equal("x", Encoding.UTF8.GetString(bench.Entry("sealock-issuer-ca-ca", "tls.crt")!));
        Assert.Null(bench.Secret("one-tls"));
    }

    internal static async Task<IssuanceBench> WithLeavesAsync()
    {
        var bench = new IssuanceBench();
        bench.KeepAuthorities();
        bench.AddCa();
        NoOverlaps(bench);
        foreach (var name in Names)
            bench.AddCertificate(name);
        await bench.SettleAsync();
        return bench;
    }

    /// <summary>Another CA of the same name takes the place of the one in the issuer's Secret.</summary>
    internal static CertificateAuthority Replace(IssuanceBench bench)
    {
        var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot("ca", key, bench.Time.GetUtcNow());
        bench.PutPair("ca-ca", ca.Certificate.ToPem(), key.ToPkcs8Pem());
        return ca;
    }

    internal static void AssertOver(IssuanceBench bench, CertificateAuthority @new, params string[] names)
    {
        Assert.Equal(RotationPhase.Stable, bench.Record()!.Phase);
        foreach (var name in names.Length > 0 ? names : Names)
        {
            Assert.True(IsOf(bench.Leaf($"{name}-tls"), @new), name);
            Assert.Equal([@new.Certificate], Trusted(bench, name));
            Assert.Single(bench.Chain($"{name}-tls"));
            Assert.True(bench.IsReady(name));
        }
    }

    internal static bool IsOf(Certificate leaf, CertificateAuthority ca) => leaf.RefuseSignature(ca.Certificate.PublicKey) is null;

    internal static IReadOnlyList<Certificate> Trusted(IssuanceBench bench, string name) =>
        Certificate.ListFromPem(Encoding.UTF8.GetString(bench.Entry($"{name}-tls", WellKnown.CaEntry)!));

    private static void NoOverlaps(IssuanceBench bench)
    {
        var issuer = bench.Server.Find($"{IssuanceBench.Api}/issuers/ca")!;
        issuer["metadata"]!["annotations"] = IssuanceBench.Parse(
            $$"""{"{{OverlapTimes.TrustAnnotation}}": "0s", "{{OverlapTimes.WithdrawAnnotation}}": "0s"}""");
        bench.Server.Put($"{IssuanceBench.Api}/issuers/ca", issuer);
    }

    private static (string Status, string Reason) Condition(IssuanceBench bench) =>
        bench.Issuer().Status.Conditions.Single(condition => condition.Type == RotationStatus.Condition) is var condition
            ? (condition.Status, condition.Reason) : default;
}
