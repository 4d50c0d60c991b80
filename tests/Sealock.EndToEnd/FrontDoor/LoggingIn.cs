// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.FrontDoor;

/// <summary>A server with users, and shell for logging in.</summary>
public abstract class LoggingIn
{
    private protected const string Prelude =
        """
        login() { sealock login --server https://127.0.0.1:$PORT --ca-sha256 $SHA --username "$1" --password-file password --out "$1.conf" >/dev/null; }
        as() { kubectl --kubeconfig "$1.conf" get namespaces -o name >/dev/null 2>as.err && echo "$1 comes in" || echo "$1 is refused"; }
        admin() { kubectl --kubeconfig data/admin.conf --context local "$@"; }

        """;

    private protected static async Task<FrontDoorServer> SetUpAsync()
    {
        var server = await FrontDoorServer.UpAsync();
        await server.SetUpAsync("k8s.example.com");
        return server;
    }
}
