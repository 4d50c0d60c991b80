// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Rotating;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Tests.Cluster.Rotating;

public sealed class RotatorTests : IDisposable
{
    private static readonly RotationOptions Reloading = new() { Reload = new("true") };

    private readonly CompleteSet _set = new();

    public void Dispose() => _set.Dispose();

    [Fact]
    public async Task One_run_with_a_reload_command_goes_through_all_phases()
    {
        var before = _set.Read().Authorities.Single(authority => authority.Planned.Name == "ca").Certificate;
        var outcome = await RunAsync("ca", Reloading);
        Assert.True(outcome.Done);
        Assert.Equal((RotationPhase.Withdraw, true), (outcome.Rotations[0].Phase, outcome.Rotations[0].State.IsOver));
        var after = _set.Read().Authorities.Single(authority => authority.Planned.Name == "ca");
        Assert.NotEqual(before, after.Certificate);
        Assert.Equal([after.Certificate!], after.Roles!.Trusted);
        AssertWhole("ca", [after.Certificate!]);
    }

    [Fact]
    public async Task By_hand_each_run_ends_with_what_is_to_be_done_and_the_next_goes_on()
    {
        var old = Authority("etcd-ca").Certificate!;
        var first = await RunAsync("etcd-ca", new());
        Assert.False(first.Done);
        Assert.Equal(2, first.ToDo.Count);
        Assert.Contains("etcd", first.ToDo[0], StringComparison.Ordinal);
        Assert.Equal(2, Authority("etcd-ca").Roles!.Trusted.Count);
        Assert.Equal(old, Authority("etcd-ca").Certificate);
        AssertWhole("etcd-ca", Authority("etcd-ca").Roles!.Trusted);

        Assert.False((await RunAsync("etcd-ca", new())).Done);
        Assert.NotEqual(old, Authority("etcd-ca").Certificate);
        var leaf = _set.Leaf("master1/etcd-server");
        Assert.Equal(2, leaf.Chain.Count);
        Assert.Null(leaf.Chain[1].RefuseSignature(old.PublicKey));

        Assert.False((await RunAsync("etcd-ca", new())).Done);
        Assert.Single(_set.Leaf("master1/etcd-server").Chain);
        Assert.True((await RunAsync("etcd-ca", new())).Done);
        var again = await RunAsync("etcd-ca", new());
        Assert.True(again.Done && again.Rotations[0].State.IsOver);
    }

    [Fact]
    public async Task Kubeconfigs_hold_both_cas_while_the_clusters_ca_is_rotated_and_the_signing_file_holds_one()
    {
        await RunAsync("ca", Reloading, RotationPhase.Trust);
        Assert.Equal(2, Bundle("master1:/etc/kubernetes/admin.conf").Count);
        Assert.Equal(2, _set.File("worker1:/etc/kubernetes/pki/ca.crt").Certificates.Count);
        var signing = _set.File("master1:/etc/kubernetes/pki/ca-signing.crt").Certificates;
        Assert.Equal(Authority("ca").Certificate, Assert.Single(signing));
        await RunAsync("ca", Reloading, RotationPhase.Reissue);
        Assert.NotEqual(signing, _set.File("master1:/etc/kubernetes/pki/ca-signing.crt").Certificates);
        Assert.Equal(2, Bundle("master1:/etc/kubernetes/admin.conf").Count);
        await RunAsync("ca", Reloading, RotationPhase.Withdraw);
        Assert.Single(Bundle("master1:/etc/kubernetes/admin.conf"));
    }

    [Fact]
    public async Task A_node_that_fails_stops_the_run_before_the_next_node_is_touched()
    {
        var outcome = await RunAsync("ca", new() { Reload = new("[ $NODE != master2 ]") });
        Assert.Contains("master2", Assert.Single(outcome.Blockers), StringComparison.Ordinal);
        Assert.Equal(["master2", "worker1"], outcome.Rotations[0].State.Left);
        Assert.Single(_set.File("worker1:/etc/kubernetes/pki/ca.crt").Certificates);
        Assert.True((await RunAsync("ca", Reloading)).Done);
    }

    [Fact]
    public async Task A_reload_command_is_told_node_names_and_files()
    {
        var told = Path.Combine(_set.Folder.Root, "told");
        await RunAsync("etcd-ca", new() { Reload = new($"echo \"$NODE $ADDRESS $NAME $FILES\" >> {told}") }, RotationPhase.Trust);
        Assert.Equal(
            ["master1 10.0.0.1 etcd-ca /etc/kubernetes/pki/etcd/ca.crt", "master2 10.0.0.2 etcd-ca /etc/kubernetes/pki/etcd/ca.crt"],
            File.ReadAllLines(told));
    }

    [Fact]
    public async Task Every_phase_is_undone_to_the_beginning()
    {
        var before = Authority("ca").Roles!;
        for (var depth = 1; depth <= 3; depth++)
        {
            foreach (var phase in new[] { RotationPhase.Trust, RotationPhase.Reissue, RotationPhase.Withdraw }.Take(depth))
                Assert.True((await RunAsync("ca", Reloading, phase)).Done);
            for (var i = 0; i < depth; i++)
                Assert.True((await new Rotator(_set.Plan, _set.Folder, Reloading, _set.Clock).UndoAsync(["ca"], default)).Done);
            Assert.Equal(before.Trusted, Authority("ca").Roles!.Trusted);
            Assert.Null(RotationFile.Read(_set.Folder, "ca"));
            Assert.Empty(Directory.EnumerateFiles(_set.Folder.RotationKeys));
            AssertWhole("ca", before.Trusted);
        }
    }

    [Fact]
    public async Task Withdraw_is_refused_while_a_file_needs_the_old_ca_and_can_be_forced()
    {
        await RunAsync("ca", Reloading, RotationPhase.Trust);
        var files = _set.Leaf("worker1/kubelet-serving").Files.ToDictionary(file => file.Path, file => file.Text);
        await RunAsync("ca", Reloading, RotationPhase.Reissue);
        foreach (var (path, text) in files)
            File.WriteAllText(path, text);
        var refused = await RunAsync("ca", Reloading, RotationPhase.Withdraw);
        Assert.Contains("worker1/kubelet-serving", Assert.Single(refused.Blockers), StringComparison.Ordinal);
        Assert.Equal(RotationPhase.Reissue, refused.Rotations[0].Phase);
        var forced = await RunAsync("ca", Reloading with { Force = true }, RotationPhase.Withdraw);
        Assert.True(forced.Done);
        Assert.Contains("worker1/kubelet-serving", Assert.Single(forced.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_service_account_key_is_kept_until_its_last_token_has_ended()
    {
        var options = Reloading with { TokenLifetime = TimeSpan.FromDays(30) };
        var old = File.ReadAllText(_set.Folder.ServiceAccountPublicKeys);
        var waiting = await RunAsync("sa", options);
        Assert.Contains("tokens signed with the old key", Assert.Single(waiting.Blockers), StringComparison.Ordinal);
        var keys = File.ReadAllText(_set.Folder.ServiceAccountPublicKeys);
        Assert.EndsWith(old, keys, StringComparison.Ordinal);
        Assert.Equal(keys, _set.File("master2:/etc/kubernetes/pki/sa.pub").Text);
        using (var signing = KeyPair.FromPem(_set.File("master2:/etc/kubernetes/pki/sa.key").Text))
            Assert.StartsWith(signing.PublicKey.ToPem(), keys, StringComparison.Ordinal);

        _set.Clock.Advance(TimeSpan.FromDays(30));
        Assert.True((await RunAsync("sa", options)).Done);
        Assert.DoesNotContain(old, File.ReadAllText(_set.Folder.ServiceAccountPublicKeys), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_are_rotated_together_and_each_node_is_reloaded_once_a_phase()
    {
        var told = Path.Combine(_set.Folder.Root, "told");
        var options = new RotationOptions { Reload = new($"echo $NODE >> {told}"), TokenLifetime = TimeSpan.Zero };
        var outcome = await new Rotator(_set.Plan, _set.Folder, options, _set.Clock).RunAsync(Rotator.SubjectsOf(_set.Plan), null, false, default);
        Assert.True(outcome.Done);
        Assert.Equal(3 * 3, File.ReadAllLines(told).Length);
        Assert.All(outcome.Rotations, rotation => Assert.True(rotation.State.IsOver));
    }

    [Fact]
    public async Task A_run_that_dies_at_any_step_is_gone_on_with()
    {
        for (var step = 1; ; step++)
        {
            var left = step;
            var dying = Reloading with { Progress = _ => Die(ref left) };
            var died = false;
            try
            {
                await RunAsync("etcd-ca", dying, again: true);
            }
            catch (OperationCanceledException)
            {
                died = true;
            }

            AssertWholePairs();
            Assert.True((await RunAsync("etcd-ca", Reloading)).Done);
            AssertWhole("etcd-ca", [Authority("etcd-ca").Certificate!]);
            if (!died)
                break;
        }

        static void Die(ref int left)
        {
            if (--left == 0)
                throw new OperationCanceledException("killed");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_intermediate_ca_is_replaced_under_its_root_or_with_it(bool withRoot)
    {
        using var set = new CompleteSet(configuration => configuration with { IntermediateAuthority = true });
        var before = Etcd().Roles!;
        var rotator = new Rotator(set.Plan, set.Folder, Reloading with { WithRoot = withRoot }, set.Clock);
        await rotator.RunAsync(["etcd-ca"], RotationPhase.Trust, false, default);
        Assert.Equal(withRoot ? 4 : 3, Etcd().Roles!.Trusted.Count);
        var reissued = await rotator.RunAsync(["etcd-ca"], RotationPhase.Reissue, false, default);
        Assert.Empty(reissued.Blockers);
        AssertTrusted(before.Trusted);
        AssertTrusted(reissued.Rotations[0].Authority!.New.Trusted);
        Assert.True((await rotator.RunAsync(["etcd-ca"], RotationPhase.Withdraw, false, default)).Done);
        var after = Etcd().Roles!;
        Assert.NotEqual(before.Signing[0], after.Signing[0]);
        Assert.Equal(withRoot, !before.Trusted[^1].Equals(after.Trusted[^1]));
        AssertTrusted(after.Trusted);
        AssertRootPair(after.Trusted[^1]);
        for (var i = 0; i < 3; i++)
            Assert.True((await rotator.UndoAsync(["etcd-ca"], default)).Done);
        Assert.Equal(before.Trusted, Etcd().Roles!.Trusted);
        AssertTrusted(before.Trusted);
        AssertRootPair(before.Trusted[^1]);

        Sealock.Cluster.Sets.StandingAuthority Etcd() => set.Read().Authorities.Single(authority => authority.Planned.Name == "etcd-ca");

        void AssertTrusted(IReadOnlyList<Certificate> trusted)
        {
            var chain = set.Leaf("master1/etcd-server").Chain;
            Assert.True(Sealock.Pki.Paths.ChainVerifier.Verify(
                chain[0], [.. chain.Skip(1)], new(trusted), new() { At = set.Clock.GetUtcNow() }).IsTrusted);
        }

        void AssertRootPair(Certificate root)
        {
            using var key = KeyPair.FromPem(File.ReadAllText(set.Folder.RootKeyOf(Etcd().Planned)));
            Assert.True(root.Matches(key));
            Assert.Equal(root, Certificate.FromPem(File.ReadAllText(set.Folder.RootCertificateOf(Etcd().Planned))));
        }
    }

    [Fact]
    public async Task An_external_ca_is_told_apart()
    {
        File.Delete(_set.Folder.KeyOf(Authority("ca").Planned));
        var fault = await Assert.ThrowsAsync<RotationException>(() => RunAsync("ca", Reloading));
        Assert.Contains("--ca-dir", fault.Message, StringComparison.Ordinal);
        Assert.Null(RotationFile.Read(_set.Folder, "ca"));
    }

    [Fact]
    public async Task A_damaged_state_is_no_crash()
    {
        await RunAsync("ca", Reloading, RotationPhase.Trust);
        var path = RotationFile.PathOf(_set.Folder, "ca");
        foreach (var text in new[] { "", "{}", "null", File.ReadAllText(path)[..200], File.ReadAllText(path).Replace("trust", "truth", StringComparison.Ordinal) })
        {
            File.WriteAllText(path, text);
            var fault = await Assert.ThrowsAsync<RotationException>(() => RunAsync("ca", Reloading));
            Assert.Contains(path, fault.Message, StringComparison.Ordinal);
        }
    }

    private Sealock.Cluster.Sets.StandingAuthority Authority(string name) => _set.Read().Authorities.Single(authority => authority.Planned.Name == name);

    private IReadOnlyList<Certificate> Bundle(string kubeconfig) =>
        Certificate.ListFromPem(Encoding.ASCII.GetString(_set.File(kubeconfig).Target!.Cluster.CertificateAuthorityData.AsSpan()));

    private Task<RotationOutcome> RunAsync(string subject, RotationOptions options, RotationPhase? only = null, bool again = false) =>
        new Rotator(_set.Plan, _set.Folder, options, _set.Clock).RunAsync([subject], only, again, default);

    /// <summary>Every leaf of a CA fits its key and leads to each of the anchors that its bundle names; every bundle is that one.</summary>
    private void AssertWhole(string authority, IReadOnlyList<Certificate> trusted)
    {
        var standing = _set.Read();
        foreach (var certificate in standing.Certificates.Where(certificate => certificate.Planned.Authority.Name == authority))
        {
            Assert.True(Sealock.Pki.Paths.ChainVerifier.Verify(
                certificate.Chain[0], [.. certificate.Chain.Skip(1)], new(trusted), new() { At = _set.Clock.GetUtcNow() }).IsTrusted, certificate.Planned.Title);
        }

        foreach (var file in standing.Files.Where(file => file.Planned.Content is Sealock.Cluster.Planning.AuthorityBundle bundle && bundle.Authority.Name == authority))
            Assert.Equal(trusted, file.Certificates);
        AssertWholePairs();
    }

    private void AssertWholePairs() => Assert.All(_set.Read().Certificates, certificate =>
    {
        using var key = certificate.KeyCarrier.ReadKey(null, out _);
        Assert.True(certificate.Leaf!.Matches(key!), certificate.Planned.Title);
    });
}
