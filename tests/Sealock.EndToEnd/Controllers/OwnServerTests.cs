// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Controllers;

/// <summary><c>sealock controller</c> beside a Sealock server, which goes away.</summary>
public sealed class OwnServerTests
{
    [Fact]
    public async Task A_Sealock_server_needs_no_definitions_and_its_going_is_told_without_stack_traces()
    {
        using var folder = new TemporaryFolder();
        await using var server = await SealockProcess.StartAsync(
            "up", "--data", folder["data"], "--secure-port", "0", "--http-port", "0", "--probe-allow", "none");
        await server.WaitForLogAsync("  plain HTTP  127.0.0.1:");
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", Path.Combine(folder["data"], "admin.conf"), "--install-crds", "--leader-elect=false");
        await controller.WaitForLogAsync("this is a Sealock server, which serves these kinds itself");
        await server.KillAsync();
        for (var i = 0; i < 600 && !controller.Log.Contains("watching certificates failed", StringComparison.Ordinal); i++)
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        Assert.Contains("watching certificates failed and is tried again until it works: ", controller.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", controller.Log, StringComparison.Ordinal);
        Assert.Equal(0, await controller.StopAsync());
    }
}
