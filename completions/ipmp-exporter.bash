# bash completion for ipmp-exporter
# bash ends a word at a colon and an equals sign. Here, words are what blanks divide: the last is what is typed, and --flag=value is two.
# What the running daemon knows: names of KIND. They come from elsewhere, so they are quoted.
_ipmp_exporter_names() {
  local name past=${typed%"${typed##*[:=]}"}
  compopt +o filenames 2>/dev/null
  while IFS= read -r name; do
    [[ $name == *: ]] && compopt -o nospace 2>/dev/null
    COMPREPLY+=("$(printf %q "${name#"$past"}")")
  done < <(ipmp-exporter completion --names="$1" -- "${words[@]:1}" "$typed" 2>/dev/null)
}
_ipmp_exporter() {
  local line=${COMP_LINE:0:COMP_POINT} command=serve previous offered=
  local typed=${line##*[[:space:]]}
  local -a words
  read -ra words <<<"${line%"$typed"}"
  previous=${words[${#words[@]}-1]}
  [[ $typed == --*=* ]] && previous=${typed%%=*} typed=${typed#*=}
  COMPREPLY=()
  case ${words[1]} in serve|check-config|status|top|ipmpstat|kstat|offline|online|replay|completion|version|help) command=${words[1]} ;; esac
  case $command,$previous in
    status,--without) _ipmp_exporter_names thing; return ;;
    ipmpstat,-o) _ipmp_exporter_names field; return ;;
    kstat,-m) _ipmp_exporter_names kstat-module; return ;;
    kstat,-i) _ipmp_exporter_names kstat-instance; return ;;
    kstat,-n) _ipmp_exporter_names kstat-name; return ;;
    kstat,-s) _ipmp_exporter_names kstat-statistic; return ;;
    kstat,-c) _ipmp_exporter_names kstat-class; return ;;
  esac
  case $previous in
    --log.level) COMPREPLY=($(compgen -W 'debug info warn error' -- "$typed")); return ;;
    --log.format) COMPREPLY=($(compgen -W 'logfmt json' -- "$typed")); return ;;
    --source) COMPREPLY=($(compgen -W 'auto netlink procfs illumos' -- "$typed")); return ;;
    --names) COMPREPLY=($(compgen -W 'group thing member-in-use member-offline field kstat kstat-module kstat-instance kstat-name kstat-statistic kstat-class' -- "$typed")); return ;;
    --config.file|--web.telemetry-path|--web.config.file|--control.socket|--state.file) COMPREPLY=($(compgen -f -- "$typed")); return ;;
    --path.procfs|--path.sysfs) COMPREPLY=($(compgen -d -- "$typed")); return ;;
    --web.listen-address|--web.max-requests|--snmp.listen-address|--without|--since) return ;;
  esac
  if [[ $typed == -* ]]; then
    case $command in
      serve) offered='--config.file --config.check --web.listen-address --web.telemetry-path --web.config.file --web.max-requests --web.systemd-socket --web.enable-lifecycle --web.disable-exporter-metrics --snmp.listen-address --control.socket --state.file --log.level --log.format --path.procfs --path.sysfs --source --help' ;;
      check-config) offered='--live --help' ;;
      status) offered='-o --without --control.socket --help' ;;
      top) offered='--control.socket --help' ;;
      ipmpstat) offered='-g -i -a -t -p --since -n -P -o --control.socket --help' ;;
      kstat) offered='-p -C -j -l -q -T -m -i -n -s -c --control.socket --help' ;;
      offline) offered='--control.socket --help' ;;
      online) offered='--control.socket --help' ;;
      replay) offered='-e --probes --help' ;;
      completion) offered='--names --help' ;;
      version) offered='--help' ;;
    esac
  elif (( ${#words[@]} == 1 )); then
    offered='serve check-config status top ipmpstat kstat offline online replay completion version help'
  else
    case $command in
      check-config) COMPREPLY=($(compgen -f -- "$typed")); return ;;
      status) _ipmp_exporter_names group; return ;;
      kstat) _ipmp_exporter_names kstat; return ;;
      offline) _ipmp_exporter_names member-in-use; return ;;
      online) _ipmp_exporter_names member-offline; return ;;
      completion) offered='bash zsh fish' ;;
      help) offered='serve check-config status top ipmpstat kstat offline online replay completion version help' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$offered" -- "$typed"))
}
complete -o filenames -F _ipmp_exporter ipmp-exporter
