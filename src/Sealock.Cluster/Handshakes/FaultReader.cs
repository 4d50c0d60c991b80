// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;

namespace Sealock.Cluster.Handshakes;

/// <summary>Reads what an exception of the socket or of the TLS library says.</summary>
internal static class FaultReader
{
    /// <summary>The library of a packed OpenSSL error that stands for TLS.</summary>
    private const int SslLibrary = 20;

    /// <summary>True for exceptions by which a connection may end.</summary>
    public static bool IsOfConnection(Exception error) =>
        error is IOException or SocketException or AuthenticationException or CryptographicException;

    /// <summary>An exception while there is no connection yet.</summary>
    public static Fault OfConnecting(Exception error, TimeSpan at)
    {
        var socket = (error as SocketException ?? error.InnerException as SocketException)?.SocketErrorCode ?? SocketError.SocketError;
        var kind = socket is SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain or SocketError.NoRecovery
            ? FaultKind.Unresolvable
            : socket == SocketError.TimedOut ? FaultKind.ConnectTimeout : FaultKind.NotConnected;
        return new(kind, at) { Socket = socket, LibraryText = error.Message };
    }

    /// <summary>An exception on a connection.</summary>
    public static Fault OfHandshake(Exception error, bool serverClosed, TimeSpan at)
    {
        for (var inner = error; inner is not null; inner = inner.InnerException)
        {
            if (inner is SocketException { SocketErrorCode: var code })
                return new(FaultKind.Reset, at) { Socket = code, LibraryText = inner.Message };
            if (inner is CryptographicException && ((inner.HResult >> 23) & 0xff) == SslLibrary)
                return new(FaultKind.Tls, at) { LibraryReason = inner.HResult & 0x7fffff, LibraryText = Words(inner.Message) };
        }

        return new(serverClosed ? FaultKind.Closed : FaultKind.Tls, at) { LibraryText = error.GetBaseException().Message };
    }

    /// <summary><c>error:0A000410:SSL routines::sslv3 alert handshake failure</c>: the words after the last colon.</summary>
    private static string Words(string message) => message[(message.LastIndexOf(':') + 1)..].Trim();
}
