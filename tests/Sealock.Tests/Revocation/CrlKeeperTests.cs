// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Controllers.Revocation;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;
using Sealock.Tests.Support;

namespace Sealock.Tests.Revocation;

public sealed class CrlKeeperTests
{
    [Fact]
    public async Task What_is_revoked_held_and_released_is_on_the_list_or_not_as_openssl_sees_it()
    {
        await using var bench = await RevocationBench.StartAsync();
        using var openssl = new OpenSsl();
        var ca = bench.NewCa();
        var (bad, held, good) = (bench.Issue(ca, "bad"), bench.Issue(ca, "held"), bench.Issue(ca, "good"));
        var authorities = new CrlAuthorities();
        bench.Run(authorities);
        authorities.Put("test", ca);
        var first = await bench.ListAsync(ca, _ => true);
        await bench.RevokeAsync(ca, bad);
        await bench.RevokeAsync(ca, held, "certificateHold");
        var both = await bench.ListAsync(ca, list => list.Entries.Count == 2);
        Assert.True(both.Number > first.Number);
        Assert.Equal(RevocationReason.CertificateHold, both.Find(held.SerialNumber)!.Reason);
        Assert.Equal((23, 23, 0), (Verify(both, bad), Verify(both, held), Verify(both, good)));
        await bench.ReleaseAsync(ca, held);
        var one = await bench.ListAsync(ca, list => list.Entries.Count == 1);
        Assert.Equal((23, 0, 0), (Verify(one, bad), Verify(one, held), Verify(one, good)));

        int Verify(CertificateRevocationList list, Certificate leaf)
        {
            openssl.Write("ca.pem", ca.Certificate.ToPem());
            openssl.Write("crl.pem", list.ToPem());
            openssl.Write("leaf.pem", leaf.ToPem());
            var time = bench.Now.ToUnixTimeSeconds();
            var (exit, output) = openssl.TryRun($"verify -attime {time} -crl_check -CAfile ca.pem -CRLfile crl.pem leaf.pem");
            return exit == 0 ? 0 : int.Parse(output.Split("error ")[1].Split(' ')[0], null);
        }
    }

    [Fact]
    public async Task A_list_is_renewed_in_time_and_what_has_expired_goes_from_it_and_from_the_store()
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var (brief, lasting) = (bench.Issue(ca, "brief", TimeSpan.FromHours(30)), bench.Issue(ca, "lasting"));
        var authorities = new CrlAuthorities();
        authorities.Put("test", ca);
        bench.Run(authorities);
        await bench.RevokeAsync(ca, brief);
        await bench.RevokeAsync(ca, lasting);
        var list = await bench.ListAsync(ca, list => list.Entries.Count == 2);
        for (var hour = 0; hour < 100; hour++)
        {
            bench.Server.Clock.Advance(TimeSpan.FromHours(1));
            // A look may have been planned just before the clock was moved.
            list = await bench.ListAsync(ca, list => CrlRules.Due(list) > bench.Now, TimeSpan.FromMinutes(1));
            if (bench.Now < brief.NotAfter)
                Assert.NotNull(list.Find(brief.SerialNumber));
        }

        Assert.Null(list.Find(brief.SerialNumber));
        Assert.NotNull(list.Find(lasting.SerialNumber));
        await bench.ListAsync(ca, _ => !bench.Exists(ca, brief), TimeSpan.FromMinutes(1));
        Assert.True(bench.Exists(ca, lasting));
    }

    [Theory]
    [InlineData("list created")]
    [InlineData("list signed")]
    [InlineData("list stored")]
    public async Task A_process_that_dies_at_any_step_is_followed_by_one_that_goes_on(string step)
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var leaf = bench.Issue(ca, "leaf");
        await bench.RevokeAsync(ca, leaf);
        var authorities = new CrlAuthorities();
        authorities.Put("test", ca);
        var died = false;
        bench.Run(authorities, reached =>
        {
            // Nothing more is done from there on, however often the loop tries again.
            if (reached != step && !Volatile.Read(ref died))
                return;
            Volatile.Write(ref died, true);
            throw new InvalidOperationException("the process ends here");
        });
        await bench.UntilAsync(() => Volatile.Read(ref died));
        await bench.StopLoopsAsync();
        var before = bench.Find(ca);
        Assert.Equal(step == "list stored", before is not null);

        bench.Run(authorities);
        var after = await bench.ListAsync(ca, list => list.Find(leaf.SerialNumber) is not null);
        Assert.True(before is null || after.Number == before.Number);
    }

    [Fact]
    public async Task Two_processes_with_one_key_never_number_two_lists_alike()
    {
        await using var bench = await RevocationBench.StartAsync();
        var ca = bench.NewCa();
        var authorities = new CrlAuthorities();
        authorities.Put("test", ca);
        bench.Run(authorities);
        bench.Run(authorities);
        for (var i = 1; i <= 8; i++)
        {
            await bench.RevokeAsync(ca, bench.Issue(ca, $"leaf-{i}"));
            await bench.ListAsync(ca, list => list.Entries.Count == i);
        }

        var lists = bench.Observed.Where(change => change.Plural == "revocationlists" && change.Object?["status"]?["crl"] is not null)
            .Select(change => (Number: change.Object!["status"]!["number"]!.GetValue<long>(), Crl: change.Object["status"]!["crl"]!.GetValue<string>()))
            .Distinct().ToList();
        Assert.Equal(lists.Count, lists.Select(list => list.Number).Distinct().Count());
        Assert.Equal(lists.Select(list => list.Number).Order(), lists.Select(list => list.Number));
    }

    [Fact]
    public async Task A_ca_that_may_not_sign_lists_says_so()
    {
        await using var bench = await RevocationBench.StartAsync();
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("kubernetes"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Ca with { KeyUsage = X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature },
            }, key, bench.Now).Require();
        var ca = new CertificateAuthority([root], key);
        var authorities = new CrlAuthorities();
        authorities.Put("test", ca);
        bench.Run(authorities);
        var name = AuthorityKeyId.Of(root);
        await bench.UntilAsync(() => Ready() is not null);
        Assert.Equal("MayNotSign", Ready()!["reason"]!.GetValue<string>());
        Assert.Contains("lacks the key usage crl sign", Ready()!["message"]!.GetValue<string>(), StringComparison.Ordinal);

        System.Text.Json.Nodes.JsonNode? Ready() =>
            bench.Server.Server.Objects.Find("sealock.dev", "revocationlists", "", name)?["status"]?["conditions"]?[0];
    }
}
