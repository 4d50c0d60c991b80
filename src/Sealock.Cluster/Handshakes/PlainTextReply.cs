// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Cluster.Handshakes;

/// <summary>Explains an answer to a ClientHello that is not TLS.</summary>
internal static class PlainTextReply
{
    private const int MaxShown = 60;

    private static readonly (string Start, string Protocol)[] Greetings =
    [
        ("SSH-", "SSH"), ("220 ", "SMTP or FTP"), ("220-", "SMTP or FTP"), ("* OK", "IMAP"), ("+OK", "POP3"), ("RFB ", "VNC"),
    ];

    private static readonly string[] WebStarts = ["HTTP/", "<!DOCTYPE", "<html", "<?xml"];

    public static HandshakeFailure Explain(EndpointQuestion question, ReadOnlySpan<byte> reply)
    {
        var line = FirstLine(reply);
        if (IsHttp(reply))
        {
            return new(HandshakeStep.ServerHello,
                $"the server speaks plain HTTP on port {question.Port}, not HTTPS (it answered \"{line}\")",
                "use the server's HTTPS port, or give the server a certificate and key so that this port serves HTTPS");
        }

        var text = Encoding.Latin1.GetString(reply[..Math.Min(reply.Length, 16)]);
        foreach (var (start, protocol) in Greetings)
        {
            if (text.StartsWith(start, StringComparison.Ordinal))
            {
                return new(HandshakeStep.ServerHello,
                    $"the server on port {question.Port} speaks {protocol}, not TLS (it said \"{line}\")",
                    "check the port; a protocol that begins TLS only on request (STARTTLS) is not supported here");
            }
        }

        return new(HandshakeStep.ServerHello,
            $"the server on port {question.Port} does not speak TLS (it answered \"{line}\")",
            "check the port, and that TLS is switched on in the server");
    }

    public static bool IsHttp(ReadOnlySpan<byte> reply)
    {
        var text = Encoding.Latin1.GetString(reply[..Math.Min(reply.Length, 16)]);
        return WebStarts.Any(start => text.StartsWith(start, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>The first line, with everything that a terminal could take amiss replaced.</summary>
    public static string FirstLine(ReadOnlySpan<byte> reply)
    {
        var end = reply.IndexOfAny((byte)'\r', (byte)'\n');
        var line = reply[..Math.Min(end >= 0 ? end : reply.Length, MaxShown)];
        var shown = new StringBuilder(line.Length);
        foreach (var value in line)
            shown.Append(value is >= 0x20 and < 0x7f and not (byte)'"' ? (char)value : '.');
        return shown.ToString();
    }
}
