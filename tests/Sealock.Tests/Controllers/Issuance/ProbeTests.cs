// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Controllers.Reconciling;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class ProbeTests : IDisposable
{
    private readonly IssuanceBench _bench = new();
    private readonly List<ProbeTarget> _asked = [];
    private Func<ProbeTarget, ProbeAnswer> _serve = _ => new(default, "connection refused");

    public void Dispose() => _bench.Dispose();

    private ProbeReconciler Reconciler() => new(
        new ApiClient(_bench.Server), _bench.Objects, (target, _) =>
        {
            _asked.Add(target);
            return ValueTask.FromResult(_serve(target));
        }, TimeSpan.FromMinutes(10), null, _bench.Time);

    private async Task StartAsync(string probe)
    {
        _bench.AddCa();
        _bench.AddCertificate("web", annotations: $$"""{"sealock.dev/probe": "{{probe}}"}""");
        await _bench.SettleAsync();
    }

    [Fact]
    public async Task A_renewed_certificate_that_is_not_served_is_told_until_it_is()
    {
        await StartAsync("web.example.com:443, other@10.0.0.1:8443");
        var reconciler = Reconciler();
        var key = new ObjectKey("ns", "web");
        _serve = _ => new(_bench.Leaf("web-tls").Der, "");
        Assert.Equal(TimeSpan.FromMinutes(10), (await reconciler.ReconcileAsync(key, default)).LookAgainAfter);
        Assert.Equal(("True", "Served"), (_bench.Condition("web", "Served").Status, _bench.Condition("web", "Served").Reason));
        Assert.Equal([new ProbeTarget("web.example.com", 443, "web.example.com"), new ProbeTarget("10.0.0.1", 8443, "other")], _asked);

        var old = _bench.Leaf("web-tls");
        _serve = _ => new(old.Der, "");
        _bench.Time.Advance(TimeSpan.FromDays(61));
        await _bench.SettleAsync();
        Assert.Equal("True", _bench.Condition("web", "Served").Status);
        Assert.Equal(TimeSpan.FromMinutes(1), (await reconciler.ReconcileAsync(key, default)).LookAgainAfter);
        var (status, reason, message) = _bench.Condition("web", "Served");
        Assert.Equal(("False", "NotServed"), (status, reason));
        Assert.Contains($"serial {old.SerialNumber}", message, StringComparison.Ordinal);
        Assert.True(_bench.IsReady("web"));

        _serve = _ => new(_bench.Leaf("web-tls").Der, "");
        _bench.Time.Advance(TimeSpan.FromMinutes(1));
        await reconciler.ReconcileAsync(key, default);
        Assert.Equal("True", _bench.Condition("web", "Served").Status);
    }

    [Fact]
    public async Task What_does_not_answer_is_unknown_and_nobody_asks_twice_for_one_certificate_within_the_interval()
    {
        await StartAsync("web.example.com:443");
        var reconciler = Reconciler();
        var key = new ObjectKey("ns", "web");
        await reconciler.ReconcileAsync(key, default);
        Assert.Equal(("Unknown", "Unreachable"), (_bench.Condition("web", "Served").Status, _bench.Condition("web", "Served").Reason));
        await reconciler.ReconcileAsync(key, default);
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Without_the_annotation_there_is_no_condition()
    {
        await StartAsync("web.example.com:443");
        var reconciler = Reconciler();
        await reconciler.ReconcileAsync(new ObjectKey("ns", "web"), default);
        var certificate = _bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
        certificate["metadata"]!["annotations"]!.AsObject().Remove("sealock.dev/probe");
        _bench.Server.Put($"{IssuanceBench.Api}/certificates/web", certificate);
        await reconciler.ReconcileAsync(new ObjectKey("ns", "web"), default);
        Assert.Null(_bench.Certificate("web").Condition("Served"));
        Assert.True(_bench.IsReady("web"));
    }

    [Theory]
    [InlineData("a:443", "a", 443, "a")]
    [InlineData("[::1]:443", "::1", 443, "web")]
    [InlineData("name@[fe80::1]:1", "fe80::1", 1, "name")]
    public void Endpoints_are_host_and_port(string text, string host, int port, string name) =>
        Assert.Equal([new ProbeTarget(host, port, name)], ProbeTargets.Parse(text, "web", out _));

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    [InlineData(":443")]
    [InlineData("a:0")]
    [InlineData("a:65536")]
    [InlineData("a b:443")]
    [InlineData("a:1,a:2,a:3,a:4,a:5,a:6,a:7,a:8,a:9")]
    public void What_is_no_endpoint_is_told(string text)
    {
        Assert.Null(ProbeTargets.Parse(text, "web", out var problem));
        Assert.NotEmpty(problem);
    }
}
