// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>haproxy, one thread for each processor, which answers itself and logs nothing.</summary>
internal sealed class HaproxyTarget(string folder, int port) : AnsweringTarget("haproxy", folder, port)
{
    protected override Daemon Launch(string log)
    {
        var pair = Path.Combine(Folder, "pair.pem");
        File.WriteAllText(pair, File.ReadAllText(Path.Combine(Folder, "server.crt")) + File.ReadAllText(Path.Combine(Folder, "server.key")));
        File.WriteAllText(Path.Combine(Folder, "haproxy.cfg"), $"""
            global
              maxconn 8192
            defaults
              mode http
              timeout client 300s
              timeout http-request 300s
              timeout http-keep-alive 300s
            frontend front
              bind 127.0.0.1:{Port} ssl crt {pair} ca-file {Folder}/ca.crt verify optional ssl-min-ver TLSv1.2 alpn h2,http/1.1
              http-request return status 200 content-type application/json file {Folder}/answer.json {string.Join(' ', Headers.Select(header => $"hdr {header.Name} \"{header.Value}\""))}

            """);
        return Daemon.Start(log, "haproxy", "-db", "-f", Path.Combine(Folder, "haproxy.cfg"));
    }
}
