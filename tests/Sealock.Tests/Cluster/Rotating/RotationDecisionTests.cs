// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Rotating;
using Sealock.Pki.Rotation;
using static Sealock.Pki.Rotation.RotationPhase;

namespace Sealock.Tests.Cluster.Rotating;

public sealed class RotationDecisionTests
{
    private static readonly ClusterPlan Plan = ClusterPlan.For(new()
    {
        EndpointHost = "api.example.com",
        Nodes = [new() { Name = "master1", IsControlPlane = true, Addresses = [IPAddress.Parse("10.0.0.1")] }],
    });

    private static readonly ClusterEndpoint Endpoint = new(Plan.Certificates.First(certificate => certificate.Name == "apiserver"), "10.0.0.1", 6443);

    /// <summary>Phase that stands (null: none), whether it is closed, phase asked for (null: all), and what a refusal says.</summary>
    public static TheoryData<RotationPhase?, bool, RotationPhase?, string?> Entries => new()
    {
        { null, true, null, null },
        { null, true, Trust, null },
        { null, true, Reissue, "trust comes first" },
        { null, true, Withdraw, "trust comes first" },
        { null, true, Stable, null },
        { Trust, false, null, null },
        { Trust, false, Trust, null },
        { Trust, false, Reissue, null },
        { Trust, true, Withdraw, "reissue comes first" },
        { Trust, true, Stable, "go on with" },
        { Reissue, true, Trust, "rotate undo" },
        { Reissue, true, Withdraw, null },
        { Withdraw, false, Trust, "rotate undo" },
        { Withdraw, true, Trust, null },
        { Withdraw, true, Stable, null },
        { Withdraw, false, Stable, "go on with" },
        { Return, false, null, "being undone" },
        { Return, false, Trust, "being undone" },
    };

    [Theory]
    [MemberData(nameof(Entries))]
    public void A_phase_can_be_asked_for_or_not(RotationPhase? standing, bool closed, RotationPhase? only, string? refusal)
    {
        var state = standing is { } phase ? RotationState.Start(["a"]) with { Phase = phase } : null;
        if (closed)
            state = state?.Confirm("a");
        var told = RotationEntry.Refuse("ca", state, only);
        if (refusal is null)
            Assert.Null(told);
        else
            Assert.Contains(refusal, told, StringComparison.Ordinal);
    }

    /// <summary>What an endpoint showed, the phase, and what is left.</summary>
    public static TheoryData<string, RotationPhase, string?> Verdicts => new()
    {
        { "serves old, old ok, new ok", Trust, null },
        { "serves old, old ok, new refused", Trust, "does not accept client certificates of the new CA" },
        { "serves old, old refused, new ok", Trust, "does not accept client certificates of the old CA" },
        { "serves new with cross, old ok, new ok", Trust, "serves a certificate of the new CA" },
        { "serves old, old ok, new ok", Reissue, "serves a certificate of the old CA" },
        { "serves new with cross, old ok, new ok", Reissue, null },
        { "serves new, old ok, new ok", Reissue, "without the cross-signed CA" },
        { "serves new with cross, old ok, new ok", Withdraw, "still accepts client certificates of the old CA" },
        { "serves new, old refused, new ok", Withdraw, null },
        { "serves old, old ok, new refused", Return, null },
        { "serves old, old ok, new ok", Return, "still accepts client certificates of the new CA" },
        { "serves old", Trust, null },
        { "serves old", Reissue, "serves a certificate of the old CA" },
        { "silent", Trust, "cannot be asked" },
    };

    [Theory]
    [MemberData(nameof(Verdicts))]
    public void An_endpoint_proves_a_phase_or_something_is_left(string shown, RotationPhase phase, string? left)
    {
        var told = EndpointVerdict.Left(Facts(shown), phase, crossed: true);
        if (left is null)
            Assert.Null(told);
        else
            Assert.Contains(left, told, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("serves new with cross, old ok, new ok", true)]
    [InlineData("serves new", true)]
    [InlineData("serves old, old ok, new ok", false)]
    [InlineData("serves new, old ok, new refused", false)]
    [InlineData("silent", false)]
    public void The_old_ca_is_withdrawn_only_where_an_endpoint_can_do_without(string shown, bool can) =>
        Assert.Equal(can, EndpointVerdict.StillNeedsOld(Facts(shown)) is null);

    [Theory]
    [InlineData("master1/apiserver=127.0.0.1:16443", null, "127.0.0.1:16443")]
    [InlineData("master1/apiserver=[::1]:16443", null, "[::1]:16443")]
    [InlineData("master1/apiserver=none", null, null)]
    [InlineData("master1/apiserver=127.0.0.1", "HOST:PORT", "10.0.0.1:6443")]
    [InlineData("master1/apiserver", "HOST:PORT", "10.0.0.1:6443")]
    [InlineData("apiserver=127.0.0.1:1", "there is no served certificate apiserver", "10.0.0.1:6443")]
    [InlineData("master1/admin.conf=127.0.0.1:1", "there is no served certificate", "10.0.0.1:6443")]
    public void Endpoints_follow_from_the_configuration_and_what_is_said_otherwise(string given, string? mistake, string? address)
    {
        var (endpoints, mistakes) = EndpointTable.Of(Plan, [given]);
        if (mistake is null)
            Assert.Empty(mistakes);
        else
            Assert.Contains(mistake, Assert.Single(mistakes), StringComparison.Ordinal);
        Assert.Equal(address, endpoints.FirstOrDefault(endpoint => endpoint.Title == "master1/apiserver")?.Address);
        Assert.Contains(endpoints, endpoint => endpoint.Title == "master1/etcd-peer");
    }

    private static EndpointFacts Facts(string shown)
    {
        if (shown == "silent")
            return new() { Endpoint = Endpoint, Failure = "connection refused" };
        var old = shown.StartsWith("serves old", StringComparison.Ordinal);
        return new()
        {
            Endpoint = Endpoint,
            SignedByOld = old,
            SignedByNew = !old,
            ChainsToOld = old || shown.Contains("cross", StringComparison.Ordinal),
            ChainsToNew = !old,
            OldClient = Client("old ok", "old refused"),
            NewClient = Client("new ok", "new refused"),
        };

        ClientAcceptance Client(string accepted, string refused) => shown.Contains(accepted, StringComparison.Ordinal) ? ClientAcceptance.Accepted
            : shown.Contains(refused, StringComparison.Ordinal) ? ClientAcceptance.Refused : ClientAcceptance.NotAsked;
    }
}
