# bash completion for ipmp-exporter
# What the running daemon knows: names of KIND. They come from elsewhere, so they are quoted.
_ipmp_exporter_names() {
  # bash ends a word at a colon and an equals sign; what was typed has them.
  local typed=${COMP_LINE:0:COMP_POINT} name
  typed=${typed##*[[:space:]]}
  [[ $typed == --*=* ]] && typed=${typed#*=}
  local past=${typed%"${typed##*:}"}
  compopt +o filenames 2>/dev/null
  while IFS= read -r name; do
    [[ $name == *: ]] && compopt -o nospace 2>/dev/null
    COMPREPLY+=("$(printf %q "${name#"$past"}")")
  done < <(ipmp-exporter completion --names="$1" -- "${COMP_WORDS[@]:1:COMP_CWORD-1}" "$typed" 2>/dev/null)
}
_ipmp_exporter() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command=serve
  COMPREPLY=()
  # --flag=value comes as three words.
  if [[ $current == = ]]; then current=; elif [[ $previous == = ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  case ${COMP_WORDS[1]} in serve|check-config|status|top|ipmpstat|kstat|offline|online|replay|completion|version|help) (( COMP_CWORD > 1 )) && command=${COMP_WORDS[1]} ;; esac
  case $command,$previous in
    status,--without) _ipmp_exporter_names member; return ;;
    ipmpstat,-o) _ipmp_exporter_names field; return ;;
    kstat,-m) _ipmp_exporter_names kstat-module; return ;;
    kstat,-i) _ipmp_exporter_names kstat-instance; return ;;
    kstat,-n) _ipmp_exporter_names kstat-name; return ;;
    kstat,-s) _ipmp_exporter_names kstat-statistic; return ;;
    kstat,-c) _ipmp_exporter_names kstat-class; return ;;
  esac
  case $previous in
    --log.level) COMPREPLY=($(compgen -W 'debug info warn error' -- "$current")); return ;;
    --log.format) COMPREPLY=($(compgen -W 'logfmt json' -- "$current")); return ;;
    --source) COMPREPLY=($(compgen -W 'auto netlink procfs illumos' -- "$current")); return ;;
    --names) COMPREPLY=($(compgen -W 'group member member-in-use member-offline field kstat kstat-module kstat-instance kstat-name kstat-statistic kstat-class' -- "$current")); return ;;
    --config.file|--web.telemetry-path|--web.config.file|--control.socket|--state.file) COMPREPLY=($(compgen -f -- "$current")); return ;;
    --path.procfs|--path.sysfs) COMPREPLY=($(compgen -d -- "$current")); return ;;
    --web.listen-address|--web.max-requests|--snmp.listen-address|--without|--since) return ;;
  esac
  local words=
  if [[ $current == -* ]]; then
    case $command in
      serve) words='--config.file --config.check --web.listen-address --web.telemetry-path --web.config.file --web.max-requests --web.systemd-socket --web.enable-lifecycle --web.disable-exporter-metrics --snmp.listen-address --control.socket --state.file --log.level --log.format --path.procfs --path.sysfs --source --help' ;;
      check-config) words='--live --help' ;;
      status) words='-o --without --control.socket --help' ;;
      top) words='--control.socket --help' ;;
      ipmpstat) words='-g -i -a -t -p --since -n -P -o --control.socket --help' ;;
      kstat) words='-p -C -j -l -q -T -m -i -n -s -c --control.socket --help' ;;
      offline) words='--control.socket --help' ;;
      online) words='--control.socket --help' ;;
      replay) words='-e --probes --help' ;;
      completion) words='--names --help' ;;
      version) words='--help' ;;
    esac
  elif (( COMP_CWORD == 1 )); then
    words='serve check-config status top ipmpstat kstat offline online replay completion version help'
  else
    case $command in
      check-config) COMPREPLY=($(compgen -f -- "$current")); return ;;
      status) _ipmp_exporter_names group; return ;;
      kstat) _ipmp_exporter_names kstat; return ;;
      offline) _ipmp_exporter_names member-in-use; return ;;
      online) _ipmp_exporter_names member-offline; return ;;
      completion) words='bash zsh fish' ;;
      help) words='serve check-config status top ipmpstat kstat offline online replay completion version help' ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o filenames -F _ipmp_exporter ipmp-exporter
