// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>A server gets another host name.</summary>
public sealed class MoveTests
{
    [PeerFact("kubectl", "openssl", "curl")]
    public async Task After_a_move_both_names_are_served_until_the_old_ones_time_is_over_also_across_a_restart()
    {
        await using var server = await FrontDoorServer.UpAsync();
        await server.SetUpAsync("old.example.com");
        var output = (await server.ShellAsync(
            """
            sealock setup move --data data --hostname new.example.com --overlap 30s | head -1 | cut -d';' -f1
            ask old.example.com /ping; echo; ask new.example.com /ping; echo
            sealock setup move --data data --hostname new.example.com
            kubectl --kubeconfig data/admin.conf config view -o jsonpath='{.clusters[0].cluster.server}' | grep -o new.example.com
            """)).Succeeded();
        Assert.Equal(
            ["moved to new.example.com", "pong", "pong", "the server's host name is new.example.com already", "new.example.com"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        await server.Process.StopAsync();
        await server.RunAsync();
        output = (await server.ShellAsync(
            """
            ask old.example.com /ping; echo; ask new.example.com /ping; echo
            for i in $(seq 400); do ask old.example.com /ping >/dev/null 2>&1 || break; sleep 0.1; done
            ask old.example.com /ping >/dev/null 2>&1 || echo "old is over"; ask new.example.com /ping; echo
            sealock setup status --data data
            """)).Succeeded();
        Assert.Equal(
            ["pong", "pong", "old is over", "pong", "setUp     yes", "hostname  new.example.com"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
