// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Sealock.Bench.Targets;

/// <summary>Finds ports that nobody has.</summary>
internal static class FreePorts
{
    private const int Width = 4;
    private static int s_next = Random.Shared.Next(20_000, 28_000);

    /// <summary>The first of four neighbours that are all free, never the same twice.</summary>
    public static int Take()
    {
        while (true)
        {
            var first = s_next;
            s_next += Width;
            if (Enumerable.Range(first, Width).All(IsFree))
                return first;
        }
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
