// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Api.Client;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Controllers.Reconciling;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class ProbeTests : IDisposable
{
    private readonly IssuanceBench _bench = new();
    private readonly List<ProbeTarget> _asked = [];
    private Func<ProbeTarget, ProbeAnswer> _serve = _ => ProbeAnswer.None;

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
        _serve = _ => new(_bench.Leaf("web-tls").Der);
        Assert.Equal(TimeSpan.FromMinutes(10), (await reconciler.ReconcileAsync(key, default)).LookAgainAfter);
        Assert.Equal(("True", "Served"), (_bench.Condition("web", "Served").Status, _bench.Condition("web", "Served").Reason));
        Assert.Equal([new ProbeTarget("web.example.com", 443, "web.example.com"), new ProbeTarget("10.0.0.1", 8443, "other")], _asked);

        var old = _bench.Leaf("web-tls");
        _serve = _ => new(old.Der);
        _bench.Time.Advance(TimeSpan.FromDays(61));
        await _bench.SettleAsync();
        Assert.Equal("True", _bench.Condition("web", "Served").Status);
        Assert.Equal(TimeSpan.FromMinutes(1), (await reconciler.ReconcileAsync(key, default)).LookAgainAfter);
        var (status, reason, message) = _bench.Condition("web", "Served");
        Assert.Equal(("False", "NotServed"), (status, reason));
        Assert.Equal("renewed but not served: web.example.com:443 serves another certificate; 10.0.0.1:8443 serves another certificate", message);
        Assert.True(_bench.IsReady("web"));

        _serve = _ => new(_bench.Leaf("web-tls").Der);
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
    public async Task What_may_not_be_asked_is_told_and_nothing_else_says_why_there_is_no_answer()
    {
        await StartAsync("web.example.com:22");
        _serve = _ => ProbeAnswer.NotAllowed;
        await Reconciler().ReconcileAsync(new ObjectKey("ns", "web"), default);
        Assert.Equal(
            ("Unknown", "NotAllowed", "web.example.com:22: not among the endpoints that may be probed (--probe-allow)"),
            _bench.Condition("web", "Served"));
    }

    [Fact]
    public async Task Who_changes_the_annotation_again_and_again_has_to_wait()
    {
        await StartAsync("a:443");
        var reconciler = Reconciler();
        var certificate = _bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
        var look = default(Reconciliation);
        for (var i = 0; i < 20; i++)
        {
            certificate = _bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!;
            certificate["metadata"]!["annotations"]!["sealock.dev/probe"] = string.Join(',', Enumerable.Range(0, 8).Select(n => $"h{i}-{n}:443"));
            _bench.Server.Put($"{IssuanceBench.Api}/certificates/web", certificate);
            look = await reconciler.ReconcileAsync(new ObjectKey("ns", "web"), default);
        }

        Assert.Equal(64, _asked.Count);
        Assert.Equal(TimeSpan.FromSeconds(8), look.LookAgainAfter);
        _bench.Time.Advance(TimeSpan.FromSeconds(8));
        await reconciler.ReconcileAsync(new ObjectKey("ns", "web"), default);
        Assert.Equal(72, _asked.Count);
    }

    [Theory]
    [InlineData("10.0.0.1", 443, true)]
    [InlineData("93.184.216.34", 8443, true)]
    [InlineData("fd00::1", 636, true)]
    [InlineData("64:ff9b::a00:1", 443, true)]
    [InlineData("10.0.0.1", 22, false)]
    [InlineData("10.0.0.1", 80, false)]
    [InlineData("127.0.0.1", 443, false)]
    [InlineData("127.0.0.1", 16443, true)]
    [InlineData("::1", 443, false)]
    [InlineData("::ffff:127.0.0.1", 443, false)]
    [InlineData("::127.0.0.1", 443, false)]
    [InlineData("64:ff9b::7f00:1", 443, false)]
    [InlineData("2002:7f00:1::", 443, false)]
    [InlineData("2002:a9fe:a9fe::1", 443, false)]
    [InlineData("0.0.0.0", 443, false)]
    [InlineData("::", 443, false)]
    [InlineData("169.254.169.254", 443, false)]
    [InlineData("::ffff:169.254.169.254", 443, false)]
    [InlineData("fd00:ec2::254", 443, false)]
    [InlineData("100.100.100.200", 443, false)]
    [InlineData("168.63.129.16", 443, false)]
    [InlineData("fe80::1%1", 443, false)]
    [InlineData("224.0.0.1", 443, false)]
    [InlineData("255.255.255.255", 443, false)]
    [InlineData("ff02::1", 443, false)]
    [InlineData("192.0.2.7", 443, false)]
    [InlineData("192.0.2.7", 16443, true)]
    public void Without_being_told_only_usual_ports_of_other_hosts_are_probed(string address, int port, bool allowed) =>
        Assert.Equal(allowed, Allowance(null).Allows(IPAddress.Parse(address), port));

    [Theory]
    [InlineData("10.0.0.0/8", "10.1.1.1", 443, true)]
    [InlineData("10.0.0.0/8", "11.1.1.1", 443, false)]
    [InlineData("10.0.0.0/8:8000-8999", "10.1.1.1", 8080, true)]
    [InlineData("10.0.0.0/8:8000-8999", "10.1.1.1", 443, false)]
    [InlineData("[fd00::/8]:1234", "fd01::1", 1234, true)]
    [InlineData("fd00::/8", "fd01::1", 443, true)]
    [InlineData("0.0.0.0/0:1-65535", "127.0.0.1", 443, false)]
    [InlineData("0.0.0.0/0:1-65535", "169.254.169.254", 443, false)]
    [InlineData("127.0.0.0/8:443", "127.0.0.1", 443, true)]
    [InlineData("169.254.169.254", "169.254.169.254", 443, true)]
    [InlineData("::/0", "::1", 443, false)]
    [InlineData("::1", "::1", 443, true)]
    [InlineData("192.0.2.0/24:22", "192.0.2.7", 22, true)]
    public void What_is_told_may_be_probed(string range, string address, int port, bool allowed)
    {
        Assert.True(ProbeRange.TryParse(range, out var parsed));
        Assert.Equal(allowed, Allowance([parsed]).Allows(IPAddress.Parse(address), port));
        Assert.False(Allowance([]).Allows(IPAddress.Parse(address), port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0/8:")]
    [InlineData("10.0.0.0/8:0")]
    [InlineData("10.0.0.0/8:9-8")]
    [InlineData("10.0.0.0/8:443,8443")]
    [InlineData("[fd00::/8]443")]
    [InlineData("[fd00::/8")]
    [InlineData("example.com:443")]
    public void What_is_no_range_is_refused(string text) => Assert.False(ProbeRange.TryParse(text, out _));

    private static ProbeAllowance Allowance(IReadOnlyList<ProbeRange>? ranges) => new(ranges)
    {
        OwnPorts = [16443],
        IsOwn = address => address.ToString() == "192.0.2.7",
    };

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
