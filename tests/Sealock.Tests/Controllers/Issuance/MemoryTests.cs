// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>What the loops keep in memory of a Certificate, its Secret and its request.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class MemoryTests
{
    private const int Count = 5000;

    [Fact]
    public async Task What_is_kept_of_a_certificate_is_small_and_holds_no_pem()
    {
        using var bench = new IssuanceBench();
        bench.AddCa();
        bench.AddCertificate("web", """{"secretTemplate": {"labels": {"team": "x"}}, "subject": {"organizations": ["acme"]}, "usages": ["server auth", "digital signature"]}""",
            $$"""{"kubectl.kubernetes.io/last-applied-configuration": "{{new string('x', 900)}}"}""");
        await bench.SettleAsync();
        var certificate = Bytes(bench.Server.Find($"{IssuanceBench.Api}/certificates/web")!);
        var request = Bytes(bench.Request("web-1"));
        var secret = Bytes(bench.Secret("web-tls")!);
        // What earlier tests left behind may still be at work, so the median of several rounds counts. It is half of the bound.
        var rounds = Enumerable.Range(0, 5).Select(_ => KeptOfEach(certificate, request, secret)).Order().ToArray();
        Assert.True(rounds[2] < 10 * 1024, $"{string.Join(", ", rounds)} bytes");
    }

    private static long KeptOfEach(byte[] certificate, byte[] request, byte[] secret)
    {
        var kept = new IObjectView[3 * Count];
        var before = Live();
        for (var i = 0; i < Count; i++)
        {
            kept[3 * i] = JsonSerializer.Deserialize(certificate, IssuanceJson.Default.CertificateView)!;
            kept[3 * i + 1] = JsonSerializer.Deserialize(request, IssuanceJson.Default.CertificateRequestView)!;
            kept[3 * i + 2] = JsonSerializer.Deserialize(secret, IssuanceJson.Default.SecretFacts)!;
        }

        var each = (Live() - before) / Count;
        GC.KeepAlive(kept);
        return each;
    }

    /// <summary>Bytes of what is alive; GC.GetTotalMemory counts holes wrongly in the heap that many tests leave behind.</summary>
    private static long Live()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        var memory = GC.GetGCMemoryInfo(GCKind.FullBlocking);
        return memory.HeapSizeBytes - memory.FragmentedBytes;
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}

/// <summary>The memory is the whole process', so nothing may run beside.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    internal const string Name = "measured alone";
}
