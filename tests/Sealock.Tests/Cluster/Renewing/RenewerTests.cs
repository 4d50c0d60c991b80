// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Renewing;
using Sealock.Cluster.Rotating;
using Sealock.Pki.Rotation;

namespace Sealock.Tests.Cluster.Renewing;

public sealed class RenewerTests : IDisposable
{
    private readonly CompleteSet _set = new();

    public void Dispose() => _set.Dispose();

    [Theory]
    [InlineData("apiserver", null, 2)]
    [InlineData("master1/apiserver", null, 1)]
    [InlineData("all", "worker1", 3)]
    [InlineData("super-admin.conf", null, 1)]
    [InlineData("apiserver", "worker1", 0)]
    public void Certificates_are_picked_by_name_and_node(string name, string? node, int count)
    {
        var (picked, mistakes) = RenewalDecision.Pick(_set.Plan, [name], node);
        Assert.Equal((count, 0), (picked.Count, mistakes.Count));
    }

    [Theory]
    [InlineData("ca", null, "rotate ca")]
    [InlineData("server", null, "there is no certificate server")]
    [InlineData("apiserver", "master9", "there is no node master9")]
    public void Mistakes_name_the_remedy(string name, string? node, string told) =>
        Assert.Contains(told, Assert.Single(RenewalDecision.Pick(_set.Plan, [name], node).Mistakes), StringComparison.Ordinal);

    [Theory]
    [InlineData(0, 30, false)]
    [InlineData(334, 30, false)]
    [InlineData(336, 30, true)]
    [InlineData(400, 30, true)]
    [InlineData(0, null, true)]
    public void Within_a_time_only_what_ends_in_it_is_renewed(int daysLater, int? within, bool renewed)
    {
        _set.Clock.Advance(TimeSpan.FromDays(daysLater));
        TimeSpan? window = within is { } days ? TimeSpan.FromDays(days) : null;
        var leaf = _set.Leaf("master1/apiserver");
        Assert.Equal(renewed, RenewalDecision.Why(leaf, _set.Read()[leaf.Planned.Authority].Roles, window, _set.Clock.GetUtcNow()) is not null);
    }

    [Fact]
    public async Task A_certificate_is_made_anew_from_the_configuration_with_a_new_key()
    {
        var before = _set.Leaf("master1/apiserver").Leaf!;
        _set.Clock.Advance(TimeSpan.FromDays(100));
        var renewal = Assert.Single(await RunAsync(new(), "master1/apiserver"));
        var after = _set.Leaf("master1/apiserver");
        Assert.Null(renewal.Problem);
        Assert.Equal(renewal.After, after.Leaf);
        Assert.Equal(after.Planned.Names, after.Leaf!.Names);
        Assert.True(after.Leaf.NotAfter > before.NotAfter);
        Assert.NotEqual(before.PublicKey, after.Leaf.PublicKey);
        using var key = after.KeyCarrier.ReadKey(null, out _);
        Assert.True(after.Leaf.Matches(key!));
        Assert.Equal(["kube-apiserver"], renewal.Programs);
    }

    [Fact]
    public async Task A_key_is_kept_where_that_is_asked_for()
    {
        var before = _set.Leaf("master1/admin.conf").Leaf!;
        await RunAsync(new() { ReuseKeys = true }, "master1/admin.conf");
        var after = _set.Leaf("master1/admin.conf").Leaf!;
        Assert.NotEqual(before, after);
        Assert.Equal(before.PublicKey, after.PublicKey);
    }

    [Fact]
    public void A_preview_changes_nothing()
    {
        var before = _set.Contents();
        var (picked, _) = RenewalDecision.Pick(_set.Plan, [], null);
        Assert.Equal(_set.Plan.Certificates.Count, new Renewer(_set.Plan, _set.Folder, new(), _set.Clock).Preview(picked, null, default).Count);
        Assert.Equal(before, _set.Contents());
    }

    [Fact]
    public async Task Whoever_outlives_its_ca_is_cut_and_that_is_told()
    {
        _set.Clock.Advance(TimeSpan.FromDays(3500));
        var renewal = Assert.Single(await RunAsync(new(), "worker1/kubelet.conf"));
        Assert.True(renewal.IsCutByAuthority);
        Assert.True(renewal.After!.NotAfter - _set.Clock.GetUtcNow() < TimeSpan.FromDays(151));
    }

    [Fact]
    public async Task A_ca_whose_key_is_elsewhere_does_not_keep_others_from_renewing()
    {
        File.Delete(_set.Folder.KeyOf(PlannedAuthority.FrontProxy));
        var renewals = await RunAsync(new(), "master1/front-proxy-client", "master1/apiserver");
        Assert.Contains("kept elsewhere", renewals.Single(renewal => renewal.Certificate.Name == "front-proxy-client").Problem, StringComparison.Ordinal);
        Assert.Null(renewals.Single(renewal => renewal.Certificate.Name == "apiserver").Problem);
    }

    [Fact]
    public async Task A_failing_reload_command_is_told()
    {
        var renewal = Assert.Single(await RunAsync(new() { Reload = new("echo broken; exit 3") }, "worker1/kubelet.conf"));
        Assert.Contains("ended with 3 (broken)", renewal.Problem, StringComparison.Ordinal);
        Assert.NotNull(renewal.After);
    }

    [Theory]
    [InlineData(RotationPhase.Trust, 1)]
    [InlineData(RotationPhase.Reissue, 2)]
    [InlineData(RotationPhase.Withdraw, 1)]
    public async Task While_a_ca_is_rotated_leaves_come_with_the_chain_of_the_phase(RotationPhase phase, int length)
    {
        foreach (var step in PhaseRules.All.Where(step => step is not RotationPhase.Stable && step <= phase))
            await new Rotator(_set.Plan, _set.Folder, new() { Reload = new("true") }, _set.Clock).RunAsync(["ca"], step, false, default);
        await RunAsync(new(), "master1/apiserver");
        var (leaf, roles) = (_set.Leaf("master1/apiserver"), _set.Read()[PlannedAuthority.Cluster].Roles!);
        Assert.Equal(length, leaf.Chain.Count);
        Assert.Equal(LeafDemand.Keep, LeafDemands.Of(leaf.Chain, roles));
    }

    private Task<IReadOnlyList<Renewal>> RunAsync(RotationOptions options, params string[] names) =>
        new Renewer(_set.Plan, _set.Folder, options, _set.Clock).RunAsync(RenewalDecision.Pick(_set.Plan, names, null).Certificates, null, default);
}
