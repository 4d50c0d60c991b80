// SPDX-License-Identifier: Apache-2.0
using System.Net.Sockets;
using System.Security.Authentication;
using Sealock.Api.Objects;

namespace Sealock.Api.Client;

/// <summary>What happens to requests in the ordinary course of things, and how it is told.</summary>
public static class TransportFault
{
    /// <summary>Whether a fault is the server's, the network's or the machine's, and none of this program.</summary>
    /// <param name="fault">The fault.</param>
    public static bool IsOrdinary(Exception fault) =>
        fault is ApiException or HttpRequestException or IOException or TimeoutException or OperationCanceledException;

    /// <summary>A fault in one clause.</summary>
    /// <param name="fault">The fault.</param>
    public static string Tell(Exception fault)
    {
        if (fault is ApiException or TimeoutException)
            return OneLine(fault.Message);
        if (fault is OperationCanceledException)
            return "there was no answer in time";
        var chain = new List<Exception>();
        for (var next = fault; next is not null; next = next.InnerException)
            chain.Add(next);
        if (chain.OfType<UntrustedServerException>().FirstOrDefault() is { } untrusted)
            return untrusted.Message;
        if (chain.OfType<SocketException>().FirstOrDefault() is { } socket)
            return OneLine(socket.Message);
        if (chain.Any(one => one is AuthenticationException))
            return "no TLS connection came about; does it speak HTTPS there, and accept this client?";
        if (chain.Any(one => one is HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded }
            or HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }))
            return "the connection ended before there was an answer";
        return OneLine(chain[^1].Message);
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd('.');
}

/// <summary>The server's certificate does not lead to a CA that is trusted, or is not for it.</summary>
public sealed class UntrustedServerException : AuthenticationException
{
    /// <summary>Creates the exception with a generic message.</summary>
    public UntrustedServerException()
        : this("no reason is known")
    {
    }

    /// <summary>Creates the exception.</summary>
    /// <param name="reason">Why it is not trusted.</param>
    public UntrustedServerException(string reason)
        : base($"its certificate is not trusted: {reason}")
    {
    }

    /// <summary>Creates the exception with the fault that revealed it.</summary>
    /// <param name="reason">Why it is not trusted.</param>
    /// <param name="innerException">The fault.</param>
    public UntrustedServerException(string reason, Exception innerException)
        : base($"its certificate is not trusted: {reason}", innerException)
    {
    }
}
