// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Authentication;
using Microsoft.AspNetCore.Connections;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>Why a handshake failed, as one of a bounded number of words.</summary>
internal static class HandshakeFault
{
    /// <summary>The client went away, or nobody knows.</summary>
    public const string Closed = "closed";

    /// <summary>
    /// The client tore the connection down. An alert just before it may be lost: what has not been read when a reset comes never is.
    /// </summary>
    public const string Reset = "reset";

    /// <summary>It took too long.</summary>
    public const string Timeout = "timeout";

    /// <summary>Something else.</summary>
    public const string Other = "other";

    private const string CodeMark = "error:";
    private const int CodeDigits = 8;

    /// <summary>Reasons of OpenSSL's from here on are alerts that the other side has sent, with the alert's number above it.</summary>
    private const int AlertsFrom = 1000;

    /// <summary>
    /// The word for a fault: <c>alert_unknown_ca</c> and the like for what the client said in an alert, otherwise what the
    /// server found wrong.
    /// </summary>
    /// <param name="fault">What SslStream threw; null where it threw nothing.</param>
    public static string ReasonOf(Exception? fault)
    {
        for (var one = fault; one is not null; one = one.InnerException)
        {
            if (one is OperationCanceledException)
                return Timeout;
            if (ReasonNumber(one.Message) is { } number)
                return NameOf(number);
            if (one is ConnectionResetException)
                return Reset;
            if (one is IOException)
                return Closed;
        }

        return fault switch
        {
            null => Closed,
            AuthenticationException => "refused",
            _ => Other,
        };
    }

    private static string NameOf(int reason) => reason switch
    {
        >= AlertsFrom and <= AlertsFrom + byte.MaxValue => Enum.IsDefined((TlsAlert)(reason - AlertsFrom))
            ? "alert_" + TlsNames.Alert((TlsAlert)(reason - AlertsFrom)) : "alert_other",
        101 or 295 => "no_shared_group",
        118 or 376 => "no_shared_signature_algorithm",
        193 => "no_shared_cipher",
        156 or 155 => "plain_http",
        199 => "no_client_certificate",
        235 => "no_application_protocol",
        258 or 266 or 267 or 396 => "unsupported_protocol",
        281 or 147 => "bad_record",
        134 => "certificate_refused",
        _ => Other,
    };

    /// <summary>The reason within OpenSSL's text <c>error:0A000418:SSL routines::tlsv1 alert unknown ca</c>: its lower 23 bits.</summary>
    private static int? ReasonNumber(string message)
    {
        var at = message.IndexOf(CodeMark, StringComparison.Ordinal);
        if (at < 0 || message.Length < at + CodeMark.Length + CodeDigits)
            return null;
        return uint.TryParse(
            message.AsSpan(at + CodeMark.Length, CodeDigits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
            ? (int)(code & 0x7FFFFF) : null;
    }
}
