// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Yaml;
using Sealock.Controllers.Approval;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Tests.Support;
using static Sealock.Tests.Approval.PolicyCases;

namespace Sealock.Tests.Approval;

public sealed class PolicyReviewTests : IAsyncDisposable
{
    private const string Policies = "/apis/policy.cert-manager.io/v1alpha1/certificaterequestpolicies";
    private static readonly Requester Jane = new("jane", "1", ["devs"], null);

    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryApiServer _server = new();
    private readonly List<string> _asked = [];
    private readonly LoopSet _loops;
    private readonly HashSet<string> _usable = [];
    private Task _running = Task.CompletedTask;

    public PolicyReviewTests()
    {
        _loops = new LoopSet(TimeProvider.System, NullLogger.Instance);
        _server.OnAnswer = (path, review) =>
        {
            if (!path.EndsWith("subjectaccessreviews", StringComparison.Ordinal))
                return null;
            var wanted = review["spec"]!["resourceAttributes"]!.AsObject();
            Assert.Equal(
                ("policy.cert-manager.io", "certificaterequestpolicies", "use", "shop", "jane"),
                (wanted["group"]!.GetValue<string>(), wanted["resource"]!.GetValue<string>(), wanted["verb"]!.GetValue<string>(),
                    wanted["namespace"]!.GetValue<string>(), review["spec"]!["user"]!.GetValue<string>()));
            _asked.Add(wanted["name"]!.GetValue<string>());
            return new JsonObject { ["status"] = new JsonObject { ["allowed"] = _usable.Contains(_asked[^1]) } };
        };
    }

    private async Task<PolicyReview> StartAsync()
    {
        var review = ApprovalLoops.AddTo(_loops, new ApiClient(_server), TimeProvider.System);
        _running = _loops.RunAsync(_stop.Token);
        await _loops.WaitForSyncAsync(CancellationToken.None);
        return review;
    }

    private void Add(string name, string spec)
    {
        Assert.True(YamlReader.TryRead(spec, out var document, out _));
        _server.Put($"{Policies}/{name}", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["generation"] = 3 },
            ["spec"] = document,
        });
    }

    [Fact]
    public async Task Only_what_the_decision_hangs_on_is_asked()
    {
        _usable.Add("b");
        foreach (var name in new[] { "a", "b", "c" })
            Add(name, "selector: {issuerRef: {}}\nallowed: {dnsNames: {values: [x]}}");
        Add("other", "selector: {issuerRef: {name: other}}");
        var review = await StartAsync();
        Assert.Equal("b", (await review.ReviewAsync(Request(names: "dns:x"), Jane, default)).Policy);
        Assert.Equal(["a", "b"], _asked);

        _asked.Clear();
        var denied = await review.ReviewAsync(Request(names: "dns:y"), Jane, default);
        Assert.Equal(ApprovalOutcome.Denied, denied.Outcome);
        Assert.StartsWith("No policy approved this request: [b: ", denied.Message, StringComparison.Ordinal);
        Assert.Equal(["a", "b", "c"], _asked.Order());
    }

    [Fact]
    public async Task Who_may_use_no_policy_waits()
    {
        Add("a", "selector: {issuerRef: {}}");
        var review = await StartAsync();
        Assert.Equal(ApprovalOutcome.Undecided, (await review.ReviewAsync(Request(), Jane, default)).Outcome);
        Assert.Equal(ApprovalOutcome.Undecided, (await review.ReviewAsync(Request(names: "dns:y"), Jane, default)).Outcome);
    }

    [Fact]
    public async Task Labels_of_the_namespace_are_read_where_a_selector_needs_them()
    {
        _usable.Add("a");
        Add("a", "selector: {namespace: {matchLabels: {team: shop}}}");
        _server.Put("/api/v1/namespaces/shop", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "shop", ["labels"] = new JsonObject { ["team"] = "shop" } },
        });
        var review = await StartAsync();
        Assert.Equal("a", (await review.ReviewAsync(Request(), Jane, default)).Policy);
    }

    [Fact]
    public async Task The_status_says_whether_a_policy_counts()
    {
        Add("good", "selector: {issuerRef: {}}");
        Add("bad", "selector: {issuerRef: {}}\nplugins: {rego: {}}");
        await StartAsync();
        JsonNode? Ready(string name) => _server.Find($"{Policies}/{name}")?["status"]?["conditions"]?[0];
        await _server.Until(() => Ready("good") is not null && Ready("bad") is not null);
        Assert.Equal(("True", 3), (Ready("good")!["status"]!.GetValue<string>(), Ready("good")!["observedGeneration"]!.GetValue<int>()));
        Assert.Equal("False", Ready("bad")!["status"]!.GetValue<string>());
        Assert.Contains("spec.plugins[rego]", Ready("bad")!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _loops.Dispose();
        _stop.Dispose();
    }
}
