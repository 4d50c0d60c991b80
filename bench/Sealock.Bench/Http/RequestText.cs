// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Bench.Http;

/// <summary>Requests as the bytes that are sent.</summary>
internal static class RequestText
{
    /// <summary>A request; without a token the connection's certificate speaks.</summary>
    public static byte[] Of(string method, string path, string? token, string body = "")
    {
        var text = new StringBuilder();
        text.Append(method).Append(' ').Append(path).Append(" HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n");
        if (token is not null)
            text.Append("Authorization: Bearer ").Append(token).Append("\r\n");
        if (body.Length > 0)
        {
            text.Append("Content-Type: application/json\r\nContent-Length: ")
                .Append(Encoding.UTF8.GetByteCount(body)).Append("\r\n");
        }

        return Encoding.UTF8.GetBytes(text.Append("\r\n").Append(body).ToString());
    }
}
